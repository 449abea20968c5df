#include "wire/sts_policy.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/reader.h"
#include "base/utf8.h"
#include "wire/field.h"
#include "wire/mx_match.h"
#include "wire/name.h"
#include "wire/sts_key.h"
#include "wire/sts_template.h"

enum {
	MAX_AGE_DIGITS = 10, /* RFC 8461 3.2: 1*10(DIGIT) */
	BIG = 4096, /* the largest real policies have some 2 KB */
};

const char *const sts_mode_names[] = { "", "none", "testing", "enforce" };

static const struct {
	bool breaks_abnf, voids;
} effects[] = {
#define DEVIATION(symbol, breaks, void_it) { breaks, void_it },
#include "wire/sts_policy.def"
#undef DEVIATION
};

struct parse {
	struct arena *a;
	struct sts_policy *out;
	size_t cap_deviations, cap_mx, cap_line, cap_order;
	size_t *order; /* indices of mx in order of their text */
	struct span line; /* the one being read, without its end */
	const char *line_start; /* where columns count from */
	size_t line_no;
	bool bad_bytes; /* ENCODING was reported for this line */
	bool was_blank; /* the line before it was */
	bool bare_cr; /* reported already */
	size_t n_fields; /* lines with a colon so far */
	bool broken, voided;
	/* For each key: was there a field of that name; and was there
	 * anything that was meant for one, so that its absence is no news? */
	bool seen[STS_KEYS], meant[STS_KEYS];
};

static bool
is_before(const struct sts_deviation *a, const struct sts_deviation *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Keep the first LIMIT_PROBLEMS in order of place. */
static void
insert(struct parse *p, struct sts_deviation d)
{
	struct sts_policy *out = p->out;
	struct sts_deviation *more;
	size_t i = out->n_deviations;

	if (i == LIMIT_PROBLEMS) {
		if (!is_before(&d, &out->deviations[i - 1]))
			return;
		i--;
	} else {
		more = arena_grow(
		    p->a, out->deviations, i, &p->cap_deviations, sizeof *more);
		if (more == NULL)
			return;
		out->deviations = more;
		out->n_deviations++;
	}
	for (; i > 0 && is_before(&d, &out->deviations[i - 1]); i--)
		out->deviations[i] = out->deviations[i - 1];
	out->deviations[i] = d;
}

/* What a deviation does to the policy, whether or not it is worth telling. */
static void
suffer(struct parse *p, enum sts_deviation_kind kind)
{
	p->broken |= effects[kind].breaks_abnf;
	p->voided |= effects[kind].voids;
}

/* A deviation of the whole file. */
static void
note_file(struct parse *p, enum sts_deviation_kind kind)
{
	suffer(p, kind);
	insert(p, (struct sts_deviation){
		      .kind = kind, .what = SPAN(""), .meant = SPAN("") });
}

static void
note_meant(struct parse *p, enum sts_deviation_kind kind, struct span what,
    struct span meant)
{
	suffer(p, kind);
	insert(p, (struct sts_deviation){ .kind = kind,
		      .line = p->line_no,
		      .column = (size_t)(what.p - p->line_start) + 1,
		      .what = what,
		      .meant = meant });
}

/* A deviation at what, which is a part of the line. */
static void
note(struct parse *p, enum sts_deviation_kind kind, struct span what)
{
	note_meant(p, kind, what, SPAN(""));
}

/* One cause, one report: what a bad byte spoils in turn is suffered and not
 * told again. */
static void
note_value(struct parse *p, enum sts_deviation_kind kind, struct span value)
{
	if (p->bad_bytes)
		suffer(p, kind);
	else
		note(p, kind, value);
}

/* RFC 8461 3.2: sts-policy-ext-name is the field name of TXT records. */
static bool
is_ext_name(struct span s)
{
	struct reader r = { .in = s };

	return field_name(&r).n > 0 && reader_end(&r);
}

/* --- fields ------------------------------------------------------------ */

static bool
read_version(struct parse *p, struct span value)
{
	(void)p;
	return span_eq(value, SPAN("STSv1"));
}

static bool
read_mode(struct parse *p, struct span value)
{
	/* RFC 8461 3.2: case-sensitive; an unknown mode is no mode. */
	for (size_t i = STS_MODE_NONE; i <= STS_MODE_ENFORCE; i++)
		if (span_eq(value, span_str(sts_mode_names[i])))
			p->out->mode = (enum sts_mode)i;
	return p->out->mode != STS_MODE_UNSET;
}

static bool
read_max_age(struct parse *p, struct span value)
{
	uint64_t age;

	if (value.n > MAX_AGE_DIGITS || !num_parse(value, UINT64_MAX, &age))
		return false;
	p->out->has_max_age = true;
	p->out->max_age_written = age;
	p->out->max_age = age > STS_MAX_AGE ? STS_MAX_AGE : (uint32_t)age;
	return true;
}

static int
compare_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	for (size_t i = 0; i < a.n; i++) {
		int x = ascii_lower((unsigned char)a.p[i]);
		int y = ascii_lower((unsigned char)b.p[i]);

		if (x != y)
			return x - y;
	}
	return 0;
}

/* Find value among the patterns that are there; *out_at is its place in their
 * order. A policy of 64 KB has up to 10,000: no comparing each with each. */
static bool
find_mx(const struct parse *p, struct span value, size_t *out_at)
{
	size_t lo = 0, hi = p->out->n_mx;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = compare_nocase(value, p->out->mx[p->order[mid]]);

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	*out_at = lo;
	return false;
}

static void
add_mx(struct parse *p, struct span value, size_t at)
{
	struct sts_policy *out = p->out;
	size_t n = out->n_mx;
	struct span *mx = arena_grow(p->a, out->mx, n, &p->cap_mx, sizeof *mx);
	size_t *line =
	    arena_grow(p->a, out->mx_line, n, &p->cap_line, sizeof *line);
	size_t *order =
	    arena_grow(p->a, p->order, n, &p->cap_order, sizeof *order);

	/* What has grown is kept in any case: cap and array go together. */
	out->mx = mx != NULL ? mx : out->mx;
	out->mx_line = line != NULL ? line : out->mx_line;
	p->order = order != NULL ? order : p->order;
	if (mx == NULL || line == NULL || order == NULL)
		return;
	mx[n] = name_canonical(p->a, value);
	line[n] = p->line_no;
	memmove(order + at + 1, order + at, (n - at) * sizeof *order);
	order[at] = n;
	out->n_mx++;
}

static bool
has_upper(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static void
read_mx(struct parse *p, struct span value, bool quiet)
{
	static const enum sts_deviation_kind kinds[] = {
		[MX_PATTERN_SYNTAX] = STS_MX_SYNTAX,
		[MX_PATTERN_TRAILING_DOT] = STS_MX_TRAILING_DOT,
		[MX_PATTERN_WILDCARD] = STS_MX_BAD_WILDCARD,
		[MX_PATTERN_U_LABEL] = STS_MX_U_LABEL,
		[MX_PATTERN_IP] = STS_MX_IP,
	};
	enum mx_pattern_fault fault = mx_pattern_check(value);
	size_t at;

	if (fault != MX_PATTERN_OK) {
		/* One malformed mx among good ones voids the whole policy
		 * (readings A6, A7): a sender keeps the copy it has. */
		if (quiet)
			suffer(p, kinds[fault]);
		else
			note_value(p, kinds[fault], value);
		return;
	}
	if (find_mx(p, value, &at)) {
		note(p, STS_MX_DUPLICATE, value);
		return;
	}
	if (has_upper(value))
		note(p, STS_MX_UPPERCASE, value);
	add_mx(p, value, at);
}

/* A field that stands once. */
static void
read_single(struct parse *p, enum sts_key k, struct span value, bool quiet)
{
	static const struct {
		bool (*read)(struct parse *, struct span);
		enum sts_deviation_kind fault;
	} rows[STS_KEYS] = {
		[STS_KEY_VERSION] = { read_version, STS_VERSION_BAD },
		[STS_KEY_MODE] = { read_mode, STS_MODE_INVALID },
		[STS_KEY_MAX_AGE] = { read_max_age, STS_MAX_AGE_INVALID },
	};

	if (!rows[k].read(p, value)) {
		if (quiet)
			suffer(p, rows[k].fault);
		else
			note_value(p, rows[k].fault, value);
		return;
	}
	if (k == STS_KEY_VERSION && p->n_fields > 1)
		note(p, STS_VERSION_NOT_FIRST,
		    span_head(p->line, sts_keys[k].n));
	/* RFC 8461 3.2: the ABNF has ten digits, the prose a maximum. Accept
	 * and cap (reading A4). */
	if (k == STS_KEY_MAX_AGE && p->out->max_age_written > STS_MAX_AGE)
		note(p, STS_MAX_AGE_TOO_BIG, value);
}

/* RFC 8461 3.2: sts-policy-ext-value has inner spaces, but no tabs; other
 * octets that it has not are ENCODING. */
static bool
is_ext_value(struct span s)
{
	return s.n > 0 && span_find(s, '\t') == s.n;
}

/* A field of one of the four names. */
static void
known_field(struct parse *p, enum sts_key k, struct span key, struct span value)
{
	size_t hash = span_find(value, '#');
	bool comment = hash < value.n, template, quiet;

	p->meant[k] = true;
	/* RFC 8461 3.2: of a repeated field all but the first SHALL be
	 * ignored. A malformed first one is not made good by the second
	 * (reading A8). */
	if (k != STS_KEY_MX && p->seen[k]) {
		note(p, STS_DUPLICATE_KEY, key);
		/* To the grammar it is an extension. */
		if (!is_ext_value(value))
			suffer(p, STS_EXT_INVALID);
		return;
	}
	p->seen[k] = true;
	if (comment) {
		note(p, STS_COMMENT, span_skip(value, hash));
		value = ascii_trim(span_head(value, hash));
	}
	template = value.n > 0 && sts_template_is_left(k, value);
	if (template)
		note(p, STS_TEMPLATE_LEFT, value);
	quiet = (template && !sts_template_is_example(value)) ||
		(comment && value.n == 0);
	if (k == STS_KEY_MX)
		read_mx(p, value, quiet);
	else
		read_single(p, k, value, quiet);
}

/* A field of any other name. RFC 8461 3.2: unknown fields are ignored; outside
 * their grammar too (reading A5), for a sender loses nothing by it. */
static void
other_field(struct parse *p, struct span key, struct span value)
{
	struct span trimmed = ascii_trim(key);
	enum sts_key k = sts_key_of(trimmed);
	bool grammatical = is_ext_name(key) && is_ext_value(value);

	if (!grammatical || p->bad_bytes)
		suffer(p, STS_EXT_INVALID);
	if (k == STS_KEYS && (k = sts_key_of_nocase(trimmed)) < STS_KEYS) {
		p->meant[k] = true;
		note_meant(p, STS_KEY_CASE, key, sts_keys[k]);
		return;
	}
	if (k < STS_KEYS) {
		p->meant[k] = true;
		note_meant(p, STS_EXT_INVALID, key, sts_keys[k]);
		return;
	}
	if ((k = sts_key_nearly(trimmed)) < STS_KEYS) {
		p->meant[k] = true;
		note_meant(p, STS_TYPO_KEY, key, sts_keys[k]);
		return;
	}
	if (p->bad_bytes)
		return;
	if (!is_ext_name(key) || value.n == 0)
		note(p, STS_EXT_INVALID, key);
	else if (!grammatical)
		note(p, STS_EXT_INVALID, value);
	else if (ascii_eq_nocase(key, SPAN("id")))
		note(p, STS_ID_IN_FILE, key);
	else
		note(p, STS_UNKNOWN_KEY, key);
}

/* --- lines ------------------------------------------------------------- */

/* The first byte that no policy may hold: invalid UTF-8 (all of what is not
 * valid in one run), NUL, or a control. Empty if there is none. */
static struct span
bad_bytes(struct span line)
{
	struct span rest = line;
	uint32_t c;
	size_t n;

	while (rest.n > 0 && (n = utf8_next(rest, &c)) > 0 &&
	       (c == '\t' || c >= 0x80 || !ascii_is_ctl((unsigned char)c)))
		rest = span_skip(rest, n);
	n = rest.n > 0;
	while (n > 0 && n < rest.n && utf8_next(span_skip(rest, n), &c) == 0)
		n++;
	return span_head(rest, n);
}

/* A line that is no field was meant for one if it begins with its name. */
static void
guess_key(struct parse *p, struct span line)
{
	struct reader r = { .in = ascii_trim(line) };
	enum sts_key k = sts_key_of_nocase(field_name(&r));

	if (k < STS_KEYS)
		p->meant[k] = true;
}

static void
no_field(struct parse *p, struct span line)
{
	guess_key(p, line);
	if (sts_template_has_mark(line) ||
	    span_eq(ascii_trim(line), SPAN("---"))) {
		suffer(p, STS_NO_COLON);
		note(p, STS_TEMPLATE_LEFT, line);
	} else if (p->bad_bytes) {
		suffer(p, STS_NO_COLON);
	} else {
		note(p, STS_NO_COLON, line);
	}
}

static void
read_line(struct parse *p)
{
	struct span line = p->line, key, value, bad = bad_bytes(line);
	size_t colon = span_find(line, ':');
	bool blank = ascii_trim(line).n == 0;
	enum sts_key k;

	p->bad_bytes = bad.n > 0;
	if (p->bad_bytes)
		note(p, STS_ENCODING, bad);
	if (blank && !p->was_blank)
		note(p, STS_BLANK_LINE, line);
	p->was_blank = blank;
	if (blank)
		return;
	if (ascii_trim(line).p[0] == '#') {
		note(p, STS_COMMENT, ascii_trim(line));
		return;
	}
	if (ascii_is_wsp((unsigned char)line.p[0])) {
		guess_key(p, line);
		note(p, STS_LEADING_SPACE, line);
		return;
	}
	if (colon == line.n) {
		no_field(p, line);
		return;
	}
	p->n_fields++;
	key = span_head(line, colon);
	value = ascii_trim(span_skip(line, colon + 1));
	k = sts_key_of(key);
	if (k < STS_KEYS)
		known_field(p, k, key, value);
	else
		other_field(p, key, value);
}

/* The octets of the line that body begins with, its end included; *out_text is
 * how many stand before its end. */
static size_t
line_octets(struct span body, size_t *out_text)
{
	size_t n = 0;

	while (n < body.n && body.p[n] != '\n' && body.p[n] != '\r')
		n++;
	*out_text = n;
	while (n < body.n && body.p[n] == '\r')
		n++;
	return n < body.n && body.p[n] == '\n' ? n + 1 : n;
}

/* Cut the next line off body. RFC 8461 3.2: lines end with LF or CRLF; a CR
 * alone is a fault, told once, that counts as an end here so that what follows
 * can still be diagnosed. */
static struct span
next_line(struct parse *p, struct span body)
{
	size_t n, octets = line_octets(body, &n);
	struct span end = { body.p + n, octets - n };

	/* Columns count the octets of a byte order mark too. */
	if (p->line_no++ > 0)
		p->line_start = body.p;
	p->line = span_head(body, n);
	if (!p->bare_cr && end.n > 0 && end.p[0] == '\r' &&
	    !span_eq(end, SPAN("\r\n"))) {
		p->bare_cr = true;
		note(p, STS_BARE_CR, span_head(end, 1));
	}
	return span_skip(body, octets);
}

static bool
is_front_matter_mark(struct span body, size_t *out_octets)
{
	size_t n;

	*out_octets = line_octets(body, &n);
	return span_eq(ascii_trim(span_head(body, n)), SPAN("---"));
}

/* Pass over a block between two "---" lines at the head of the file, which a
 * site generator should have eaten. */
static struct span
skip_front_matter(struct parse *p, struct span body)
{
	struct span rest;
	size_t octets, lines = 1;

	if (!is_front_matter_mark(body, &octets))
		return body;
	for (rest = span_skip(body, octets); rest.n > 0; lines++) {
		bool last = is_front_matter_mark(rest, &octets);

		rest = span_skip(rest, octets);
		if (!last)
			continue;
		(void)next_line(p, body);
		suffer(p, STS_NO_COLON);
		note(p, STS_TEMPLATE_LEFT, p->line);
		p->line_no += lines;
		return rest;
	}
	return body;
}

/* --- the file ---------------------------------------------------------- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span
without_spaces(struct span s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = span_skip(s, 1);
	return s;
}

/* Something else altogether: an HTML page, a JSON document. A template's marks
 * "{{" and "{%" begin neither. */
static bool
is_html(struct span s)
{
	s = without_spaces(s);
	return s.n > 0 && (s.p[0] == '<' ||
			      (s.p[0] == '{' && !span_starts(s, SPAN("{{")) &&
				  !span_starts(s, SPAN("{%"))));
}

/* One report for a body that is something else. */
static void
note_html(struct parse *p, struct span body)
{
	const char *text = without_spaces(body).p;

	p->bare_cr = true; /* told by nobody here */
	do
		body = next_line(p, body);
	while (p->line.p + p->line.n <= text);
	note(p, STS_HTML,
	    (struct span){ text, (size_t)(p->line.p + p->line.n - text) });
}

/* What is told about a body before, or instead of, its lines: false if there
 * is no use in reading them. Moves *body behind a byte order mark. */
static bool
read_head(struct parse *p, struct span *body)
{
	struct span all = *body;
	bool bom = span_starts(all, SPAN("\xef\xbb\xbf"));
	bool utf16 = span_starts(all, SPAN("\xfe\xff")) ||
		     span_starts(all, SPAN("\xff\xfe"));

	if (bom)
		*body = span_skip(all, 3);
	if (is_html(*body)) {
		note_html(p, *body);
		return false;
	}
	p->line_no = 1;
	if (bom || utf16)
		note(p, STS_BOM, span_head(all, bom ? 3 : 2));
	p->line_no = 0;
	if (utf16)
		return false;
	/* RFC 8461 3.3 (reading A23) */
	if (all.n > LIMIT_POLICY_BYTES) {
		note_file(p, STS_TOO_BIG);
		p->broken = true; /* unread, so nothing is known */
		return false;
	}
	if (all.n > BIG)
		note_file(p, STS_BIG);
	if (without_spaces(*body).n == 0) {
		note_file(p, STS_EMPTY);
		return false;
	}
	return true;
}

/* What must be there and is not. RFC 8461 3.2: version, mode and max_age once;
 * at least one mx unless the mode is none. Something that was meant for it has
 * been told already. */
static void
read_absences(struct parse *p)
{
	static const enum sts_deviation_kind kinds[STS_KEYS] = {
		[STS_KEY_VERSION] = STS_VERSION_BAD,
		[STS_KEY_MODE] = STS_MODE_MISSING,
		[STS_KEY_MX] = STS_MX_MISSING,
		[STS_KEY_MAX_AGE] = STS_MAX_AGE_INVALID,
	};
	struct sts_policy *out = p->out;

	for (enum sts_key k = 0; k < STS_KEYS; k++) {
		if (p->seen[k])
			continue;
		if (k == STS_KEY_MX && out->mode != STS_MODE_TESTING &&
		    out->mode != STS_MODE_ENFORCE)
			continue;
		if (p->meant[k])
			suffer(p, kinds[k]);
		else
			note_file(p, kinds[k]);
	}
}

void
sts_policy_parse(struct span body, struct arena *a, struct sts_policy *out)
{
	struct parse p = { .a = a, .out = out, .line_start = body.p };

	*out = (struct sts_policy){ .mode = STS_MODE_UNSET };
	if (read_head(&p, &body)) {
		body = skip_front_matter(&p, body);
		while (body.n > 0) {
			body = next_line(&p, body);
			read_line(&p);
		}
		read_absences(&p);
	}
	out->valid = !p.voided && !a->failed;
	out->strict = !p.broken && !a->failed;
}
