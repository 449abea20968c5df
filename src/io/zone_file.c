#include "io/zone_file.h"

#include <ldns/ldns.h>
#include <stdalign.h>
#include <stdlib.h>

#include "base/arena.h"
#include "wire/name.h"

enum { NAME_MEMORY = 4096 }; /* a name of 255 octets, escaped, twice */

/* Where the reader stands; the pointers are the library's. */
struct place {
	FILE *f;
	ldns_rdf *origin, *previous;
	uint32_t ttl;
	int line;
};

static bool
begin(struct place *p, FILE *f, struct span origin)
{
	char mem[NAME_MAX_TEXT + 2];

	*p = (struct place){ .f = f, .ttl = 3600 };
	if (origin.n == 0)
		return true;
	if (origin.n > NAME_MAX_TEXT)
		return false;
	memcpy(mem, origin.p, origin.n);
	mem[origin.n] = '\0';
	p->origin = ldns_dname_new_frm_str(mem);
	return p->origin != NULL;
}

static void
end(struct place *p)
{
	ldns_rdf_deep_free(p->origin);
	ldns_rdf_deep_free(p->previous);
}

/* The next record, or NULL with ERR_OK at the end. */
static enum err
next(struct place *p, ldns_rr **out, struct error *e)
{
	*out = NULL;
	while (!feof(p->f)) {
		ldns_status s = ldns_rr_new_frm_fp_l(
		    out, p->f, &p->ttl, &p->origin, &p->previous, &p->line);

		switch ((int)s) {
		case LDNS_STATUS_OK:
			return ERR_OK;
		case LDNS_STATUS_SYNTAX_EMPTY:
		case LDNS_STATUS_SYNTAX_TTL:
		case LDNS_STATUS_SYNTAX_ORIGIN:
			break; /* a line that is no record */
		case LDNS_STATUS_MEM_ERR:
			return error_plain(e, ERR_MEMORY);
		default:
			return error_set(e, ERR_DATA,
			    "line %d of the zone file: %s", p->line,
			    ldns_get_errorstr_by_id(s));
		}
	}
	return ERR_OK;
}

/* RFC 7505 3: "0 ." takes no mail. */
static bool
is_mail_host(const ldns_rr *rr)
{
	const ldns_rdf *exchange = ldns_rr_rdf(rr, 1);

	return ldns_rr_get_type(rr) == LDNS_RR_TYPE_MX && exchange != NULL &&
	       ldns_rdf_size(exchange) > 1;
}

/* Hand the owner's name on. False if the taker has enough. */
static bool
take_owner(const ldns_rr *rr, const struct zone_file_reader *r)
{
	char *text = ldns_rdf2str(ldns_rr_owner(rr));
	alignas(max_align_t) char mem[NAME_MEMORY];
	struct arena a;
	struct span name;
	bool more = true;

	if (text == NULL)
		return true;
	arena_init_fixed(&a, mem, sizeof mem);
	name = name_canonical(&a, span_str(text));
	if (name_is_domain(name))
		more = r->take(r->arg, name);
	free(text);
	return more;
}

enum err
zone_file_read(FILE *f, struct span origin, const struct zone_file_reader *r,
    struct error *e)
{
	struct place p;
	enum err rc = ERR_OK;
	bool more = true;

	if (!begin(&p, f, origin))
		return error_set(e, ERR_DATA, "the origin is not a name");
	while (more && rc == ERR_OK) {
		ldns_rr *rr;

		rc = next(&p, &rr, e);
		if (rr == NULL)
			break;
		if (is_mail_host(rr))
			more = take_owner(rr, r);
		ldns_rr_free(rr);
	}
	end(&p);
	return rc;
}
