/* The values of a configuration, one reader a kind. */
#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/num.h"
#include "roles/config_row.h"
#include "roles/place.h"
#include "store/outbox.h"
#include "wire/name.h"

enum { SHOWN = 80 }; /* bytes of a value in a sentence */

/* The value at hand. */
struct value {
	const struct config_row *row;
	struct span text;
	struct arena *a;
	void *p; /* the member */
};

/* It may hold a password. */
static bool
is_secret(enum config_kind kind)
{
	return kind == CONFIG_STORE || kind == CONFIG_URL ||
	       kind == CONFIG_SERVER;
}

/* "takes WANTED, not "TEXT"". */
static const char *
takes(const struct value *v, const char *wanted)
{
	if (is_secret(v->row->kind))
		return arena_printf(v->a, "takes %s", wanted).p;
	return arena_printf(v->a, "takes %s, not \"%s\"", wanted,
	    escape_str(v->a, v->text, SHOWN))
	    .p;
}

/* The text itself, if it is good. */
static const char *
keep_if(const struct value *v, bool good, const char *wanted)
{
	if (!good)
		return takes(v, wanted);
	*(const char **)v->p = arena_str(v->a, v->text);
	return NULL;
}

/* Numbers and times */

static const char *
takes_range(const struct value *v, bool is_time, const char *or_else)
{
	struct duration_text least = duration_text(v->row->least);
	struct duration_text most = duration_text(v->row->most);

	if (is_time)
		return takes(v, arena_printf(v->a, "a time from %s to %s%s",
				    least.s, most.s, or_else)
				    .p);
	return takes(v, arena_printf(v->a, "a number from %llu to %llu",
			    (unsigned long long)v->row->least,
			    (unsigned long long)v->row->most)
			    .p);
}

static const char *
read_number(
    const struct value *v, bool is_time, const char *or_else, uint64_t *out)
{
	bool good = is_time ? num_parse_duration(v->text, v->row->most, out)
			    : num_parse(v->text, v->row->most, out);

	return good && *out >= v->row->least ? NULL
					     : takes_range(v, is_time, or_else);
}

static const char *
read_number32(const struct value *v, bool is_time)
{
	uint64_t n = 0;
	const char *fault = read_number(v, is_time, "", &n);

	*(uint32_t *)v->p = (uint32_t)n;
	return fault;
}

static const char *
read_pause(const struct value *v)
{
	if (!span_eq(v->text, SPAN("never")))
		return read_number(v, true, ", or never", v->p);
	*(uint64_t *)v->p = 0;
	return NULL;
}

static const char *
read_moment(const struct value *v)
{
	struct span hours = span_head(v->text, 2);
	struct span minutes = span_skip(v->text, 3);
	uint64_t h, m;

	if (span_eq(v->text, SPAN("never"))) {
		*(int32_t *)v->p = -1;
		return NULL;
	}
	if (v->text.n != 5 || v->text.p[2] != ':' ||
	    !num_parse(hours, 23, &h) || !num_parse(minutes, 59, &m))
		return takes(v, "a time of day as HH:MM, or never");
	*(int32_t *)v->p = (int32_t)(h * 60 + m);
	return NULL;
}

/* Words */

/* "one, two or three" */
static const char *
list_names(struct arena *a, const char *const *names, size_t n)
{
	const char *s = names[0];

	for (size_t i = 1; i < n; i++)
		s = arena_printf(
		    a, "%s%s%s", s, i + 1 < n ? ", " : " or ", names[i])
			.p;
	return s;
}

static bool
find_name(const char *const *names, size_t n, struct span word, unsigned *out)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(span_str(names[i]), word)) {
			*out = (unsigned)i;
			return true;
		}
	return false;
}

static const char *
read_word(
    const struct value *v, const char *const *names, size_t n, unsigned *out)
{
	return find_name(names, n, v->text, out)
		   ? NULL
		   : takes(v, list_names(v->a, names, n));
}

/* Words apart by white space or commas; a bit for each. */
static const char *
takes_some(const struct value *v, const char *const *names, size_t n)
{
	return takes(
	    v, arena_printf(v->a, "some of %s", list_names(v->a, names, n)).p);
}

/* Words apart by white space or commas; a bit for each, at least one. */
static const char *
read_words(const struct value *v, const char *const *names, size_t n)
{
	unsigned bits = 0, bit;
	struct span rest = v->text;

	while (rest.n > 0) {
		size_t end = 0;

		while (end < rest.n && rest.p[end] != ',' &&
		       !ascii_is_wsp((unsigned char)rest.p[end]))
			end++;
		if (end > 0 && !find_name(names, n, span_head(rest, end), &bit))
			return takes_some(v, names, n);
		if (end > 0)
			bits |= 1U << bit;
		rest = span_skip(rest, end + 1);
	}
	*(unsigned *)v->p = bits;
	return bits == 0 ? takes_some(v, names, n) : NULL;
}

/* One of two, and whether it is the second. */
static const char *
read_either(const struct value *v, const char *first, const char *second)
{
	const char *const names[] = { first, second };
	unsigned which = 0;
	const char *fault = read_word(v, names, 2, &which);

	*(bool *)v->p = which;
	return fault;
}

/* The enum members are read as what they are. */
static const char *
read_log(const struct value *v)
{
	unsigned i = 0;
	const char *fault = read_word(v, log_target_names, LOG_TARGETS, &i);

	*(enum log_target *)v->p = (enum log_target)i;
	return fault;
}

static const char *
read_type(const struct value *v)
{
	unsigned i = 0;
	const char *fault = read_word(v, channel_type_names, CHANNEL_TYPES, &i);

	*(enum channel_type *)v->p = (enum channel_type)i;
	return fault;
}

static const char *
read_severity(const struct value *v)
{
	unsigned i = 0;
	const char *fault =
	    read_word(v, severity_names, SEVERITY_ERROR + 1, &i);

	*(enum severity *)v->p = (enum severity)i;
	return fault;
}

static const char *
read_facility(const struct value *v)
{
	static const char *const names[] = { "daemon", "mail", "user", "local0",
		"local1", "local2", "local3", "local4", "local5", "local6",
		"local7" };
	unsigned i;
	const char *fault =
	    read_word(v, names, sizeof names / sizeof names[0], &i);

	return fault != NULL ? fault : keep_if(v, true, "");
}

/* The system's */

static const char *
read_user(const struct value *v)
{
	const char *name = arena_str(v->a, v->text);

	if (name != NULL && getpwnam(name) == NULL)
		return takes(v, "a user that this machine knows");
	return keep_if(v, true, "");
}

static const char *
read_path(const struct value *v, int mode, const char *verb)
{
	const char *path = arena_str(v->a, v->text);
	const char *why = NULL;
	char text[128];
	struct stat st;

	if (v->text.n == 0 || v->text.p[0] != '/')
		return takes(v, "an absolute path");
	if (path == NULL)
		return NULL;
	if (access(path, mode) != 0 || stat(path, &st) != 0)
		why = strerror_r(errno, text, sizeof text);
	else if (S_ISDIR(st.st_mode))
		why = "it is a folder";
	if (why != NULL)
		return arena_printf(v->a,
		    "names \"%s\", which cannot be %s: %s",
		    escape_str(v->a, v->text, SHOWN), verb, why)
		    .p;
	return keep_if(v, true, "");
}

static const char *
read_store(const struct value *v)
{
	struct span s = v->text;
	bool good = span_starts(s, SPAN("/")) ||
		    span_starts(s, SPAN("sqlite:/")) ||
		    span_starts(s, SPAN("postgresql://")) ||
		    span_starts(s, SPAN("postgres://"));

	return keep_if(
	    v, good, "an absolute path, sqlite:/PATH or postgresql://...");
}

/* Places in the network */

static const char *
read_server(const struct value *v)
{
	return keep_if(v, place_is_server(v->text),
	    "smtp://HOST[:PORT] or smtps://HOST[:PORT]");
}

static const char *
read_url(const struct value *v)
{
	return keep_if(
	    v, place_is_url(v->text), "a URL such as https://HOST/...");
}

/* Lists */

/* items with room for one more. They double, so that none need say how many
 * it has room for. */
static void *
grow(struct arena *a, void *items, size_t n, size_t size)
{
	void *p;

	if (n > 0 && (n & (n - 1)) != 0)
		return items;
	p = arena_array(a, n > 0 ? 2 * n : 1, size);
	if (p != NULL && n > 0)
		memcpy(p, items, n * size);
	return p;
}

static const char *
add_if(const struct value *v, bool good, const char *wanted)
{
	struct config_list *list = v->p;
	const char **items;

	if (!good)
		return takes(v, wanted);
	items = grow(v->a, list->items, list->n, sizeof *items);
	if (items == NULL)
		return NULL;
	items[list->n++] = arena_str(v->a, v->text);
	list->items = items;
	return NULL;
}

static const char *
add_prefix(const struct value *v)
{
	struct config_prefixes *list = v->p;
	struct ip_prefix prefix, *all;

	if (!ip_prefix_parse(v->text, &prefix))
		return takes(v, "a prefix such as 192.0.2.0/24");
	all = grow(v->a, list->all, list->n, sizeof *all);
	if (all == NULL)
		return NULL;
	all[list->n++] = prefix;
	list->all = all;
	return NULL;
}

static const char *
read_value(const struct value *v)
{
	static const char mailbox[] = "an address such as ops@example.com";
	struct ip_addr address;
	struct span name;

	switch (v->row->kind) {
	case CONFIG_TEXT:
		return keep_if(v, true, "");
	case CONFIG_STORE:
		return read_store(v);
	case CONFIG_USER:
		return read_user(v);
	case CONFIG_FILE:
		return read_path(v, R_OK, "read");
	case CONFIG_PROGRAM:
		return read_path(v, X_OK, "executed");
	case CONFIG_HOST:
		return keep_if(v, name_is_domain(v->text), "a domain name");
	case CONFIG_SERVER:
		return read_server(v);
	case CONFIG_URL:
		return read_url(v);
	case CONFIG_MAILBOX:
		return keep_if(v, place_is_mailbox(v->text), mailbox);
	case CONFIG_FACILITY:
		return read_facility(v);
	case CONFIG_MAILBOXES:
		return add_if(v, place_is_mailbox(v->text), mailbox);
	case CONFIG_RESOLVERS:
		return add_if(v, place_is_resolver(v->text),
		    "an address, or ADDRESS@PORT");
	case CONFIG_ADDRESSES:
		return add_if(v, ip_parse(v->text, &address),
		    "an address such as 192.0.2.1");
	case CONFIG_HOSTS:
		return add_if(v, name_is_domain(v->text), "a domain name");
	case CONFIG_PAIRS:
		return add_if(v, place_read_pair(v->text, &name, &address),
		    "NAME=ADDRESS, such as ns1.example.com=192.0.2.1");
	case CONFIG_URLS:
		return add_if(
		    v, place_is_url(v->text), "a URL such as https://HOST/...");
	case CONFIG_TAGS:
		return add_if(v, v->text.n <= LIMIT_TAG, "a shorter tag");
	case CONFIG_PREFIXES:
		return add_prefix(v);
	case CONFIG_COUNT:
		return read_number(v, false, "", v->p);
	case CONFIG_PERCENT:
		return read_number32(v, false);
	case CONFIG_TIME:
		return read_number(v, true, "", v->p);
	case CONFIG_INTERVAL:
		return read_number32(v, true);
	case CONFIG_PAUSE:
		return read_pause(v);
	case CONFIG_MOMENT:
		return read_moment(v);
	case CONFIG_SWITCH:
		return read_either(v, "off", "on");
	case CONFIG_OPEN:
		return read_either(v, "token", "open");
	case CONFIG_ROLES:
		return read_words(v, role_names, ROLES);
	case CONFIG_EVENTS:
		/* A digest is asked for by its moment, a test by hand. */
		return read_words(v, news_kind_names, NEWS_DIGEST);
	case CONFIG_LOG:
		return read_log(v);
	case CONFIG_TYPE:
		return read_type(v);
	case CONFIG_SEVERITY:
		return read_severity(v);
	}
	return NULL;
}

const char *
config_value(
    const struct config_row *row, struct span text, struct arena *a, void *dest)
{
	struct value v = {
		.row = row,
		.text = text,
		.a = a,
		.p = (char *)dest + row->at,
	};

	return text.n == 0 ? "has no value" : read_value(&v);
}
