#include "cli/domain_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "io/idn.h"
#include "io/read_file.h"
#include "io/zone_transfer.h"

/* Room for one more name at the end. */
static struct span *
room(struct domain_list *l)
{
	struct span *more =
	    arena_grow(l->a, l->names, l->n, &l->cap, sizeof *more);

	if (more == NULL)
		return NULL;
	l->names = more;
	return &more[l->n];
}

enum err
domain_list_add(struct domain_list *l, struct span text, struct error *e)
{
	struct span *name = room(l);
	enum err rc;

	if (name == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = idn_domain(text, l->a, name, e);
	if (rc == ERR_OK)
		l->n++;
	return rc;
}

/* What a line of a list holds, apart from its comment. */
static struct span
next_name(struct span *text)
{
	size_t end = span_find(*text, '\n');
	struct span s = span_head(*text, end);

	*text = span_skip(*text, end + 1);
	s = span_head(s, span_find(s, '#'));
	return ascii_trim(span_head(s, span_find(s, '\r')));
}

enum err
domain_list_file(struct domain_list *l, const char *path, struct error *e)
{
	struct span text;
	enum err rc = read_file(path, LIMIT_DOMAIN_LIST, l->a, &text, e);
	size_t bad = 0;

	/* Editors on Windows put it there. */
	if (rc == ERR_OK && span_starts(text, SPAN("\xef\xbb\xbf")))
		text = span_skip(text, 3);
	for (size_t line = 1; rc == ERR_OK && text.n > 0; line++) {
		struct span name = next_name(&text);
		struct error why;

		if (name.n == 0)
			continue;
		rc = domain_list_add(l, name, &why);
		if (rc == ERR_DATA && l->faults != NULL) {
			fprintf(l->faults, "%s, line %zu: %s\n", path, line,
			    why.text);
			bad++;
			rc = ERR_OK;
		} else if (rc != ERR_OK) {
			error_set(
			    e, rc, "%s, line %zu: %s", path, line, why.text);
		}
	}
	if (rc == ERR_OK && bad > 0)
		rc = error_set(e, ERR_DATA, "%zu line%s of %s: no domain", bad,
		    bad == 1 ? "" : "s", path);
	return rc;
}

struct place {
	struct span *name;
};

static int
by_name_and_place(const void *a, const void *b)
{
	const struct span *x = ((const struct place *)a)->name;
	const struct span *y = ((const struct place *)b)->name;
	int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	if (order == 0 && x->n != y->n)
		order = x->n < y->n ? -1 : 1;
	return order != 0 ? order : x < y ? -1 : 1;
}

enum err
domain_list_once(struct domain_list *l, struct error *e)
{
	struct place *places = arena_array(l->a, l->n + 1, sizeof *places);
	size_t kept = 0;

	if (places == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < l->n; i++)
		places[i].name = &l->names[i];
	if (l->n > 1)
		qsort(places, l->n, sizeof *places, by_name_and_place);
	/* From behind, so that what a name is compared with is still there. */
	for (size_t i = l->n; i-- > 1;)
		if (span_eq(*places[i].name, *places[i - 1].name))
			places[i].name->n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->names[i].n > 0)
			l->names[kept++] = l->names[i];
	l->n = kept;
	return ERR_OK;
}

/* Records of one name stand together in most zones; a name that comes back is
 * for the store to know. */
static bool
take(void *arg, struct span name)
{
	struct domain_list *l = arg;
	struct span *to;

	if (l->n > 0 && span_eq(l->names[l->n - 1], name))
		return true;
	to = room(l);
	if (to == NULL)
		return false;
	*to = arena_span(l->a, name);
	l->n++;
	return !l->a->failed;
}

enum err
domain_list_zone(struct domain_list *l, const char *path, struct span origin,
    struct error *e)
{
	const struct zone_file_reader r = { take, l };
	FILE *f = fopen(path, "rbe");
	enum err rc;

	if (f == NULL)
		return error_set(e, ERR_NO_INPUT, "cannot open %s: %s", path,
		    strerror(errno));
	rc = zone_file_read(f, origin, &r, e);
	fclose(f);
	if (rc == ERR_OK && l->a->failed)
		rc = error_plain(e, ERR_MEMORY);
	return rc;
}

/* "ZONE@SERVER" */
static enum err
read_from(struct domain_list *l, struct span from, struct zone_transfer *z,
    struct endpoint *servers, struct error *e)
{
	size_t at = span_find(from, '@');
	enum err rc;

	if (at == from.n)
		return error_set(e, ERR_USAGE,
		    "--axfr takes a zone and a server, as in "
		    "example.com@192.0.2.1");
	rc = idn_domain(span_head(from, at), l->a, &z->zone, e);
	if (rc == ERR_OK)
		rc = endpoint_find(span_skip(from, at + 1), ZONE_TRANSFER_PORT,
		    servers, LIMIT_TRANSFER_SERVERS, &z->n_servers, e);
	z->servers = servers;
	return rc;
}

enum err
domain_list_axfr(struct domain_list *l, const char *from, const char *key_file,
    struct error *e)
{
	const struct zone_file_reader r = { take, l };
	struct endpoint servers[LIMIT_TRANSFER_SERVERS];
	struct tsig_key key;
	struct zone_transfer z = {
		.key = key_file != NULL ? &key : NULL,
		.limits = &zone_transfer_limits,
		.clock = &clock_system,
		.random = &randomness_system,
	};
	struct error why;
	enum err rc = read_from(l, span_str(from), &z, servers, e);

	if (rc == ERR_OK && key_file != NULL)
		rc = tsig_key_read(key_file, &key, e);
	if (rc == ERR_OK) {
		rc = zone_transfer_read(&z, &r, &why);
		if (rc != ERR_OK)
			error_set(e, rc, "%s: %s", from, why.text);
	}
	tsig_key_wipe(&key);
	if (l->a->failed)
		rc = error_plain(e, ERR_MEMORY);
	if (rc == ERR_OK && l->n == 0)
		rc = error_set(e, ERR_DATA,
		    "%s: no name in the zone has an MX record", from);
	return rc;
}
