#include "wire/tsig_key.h"

#include "base/ascii.h"
#include "base/reader.h"
#include "wire/name.h"

const char *
tsig_key_parse_text(enum tsig_key_parse p)
{
	switch (p) {
	case TSIG_KEY_OK:
		break;
	case TSIG_KEY_SYNTAX:
		return "is not one key, neither as tsig-keygen writes it nor "
		       "as \"algorithm:name:secret\"";
	case TSIG_KEY_NAME:
		return "holds a key whose name is no domain name";
	case TSIG_KEY_WEAK:
		return "holds a key of an algorithm that should not be used "
		       "any more (RFC 8945 6): make one of hmac-sha256";
	case TSIG_KEY_ALGORITHM:
		return "holds a key of an unknown algorithm: hmac-sha256, "
		       "hmac-sha384 and hmac-sha512 are known";
	}
	return "holds a sound key";
}

static enum tsig_key_parse
find_algorithm(struct span name, enum tsig_algorithm *out)
{
	static const struct span weak[] = { SPAN_INIT("hmac-sha1"),
		SPAN_INIT("hmac-sha224"), SPAN_INIT("hmac-md5"),
		SPAN_INIT("hmac-md5.sig-alg.reg.int") };

	for (enum tsig_algorithm i = 0; i < TSIG_ALGORITHMS; i++)
		if (name_eq(name, tsig_algorithms[i].name)) {
			*out = i;
			return TSIG_KEY_OK;
		}
	for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
		if (name_eq(name, weak[i]))
			return TSIG_KEY_WEAK;
	return TSIG_KEY_ALGORITHM;
}

/* The parts of either form, as they stand there. */
struct parts {
	struct span name, algorithm, secret;
};

static enum tsig_key_parse
look_at(const struct parts *p, struct tsig_key_text *out)
{
	out->secret = p->secret;
	if (p->name.n == 0 || !dns_name_parse(p->name, &out->name))
		return TSIG_KEY_NAME;
	return find_algorithm(p->algorithm, &out->algorithm);
}

static bool
is_blank(unsigned char c)
{
	return ascii_is_wsp(c) || c == '\n' || c == '\r';
}

/* ---- one line ---- */

static struct span
head_to_colon(struct span *s)
{
	struct span head = span_head(*s, span_find(*s, ':'));

	*s = span_skip(*s, head.n + 1);
	return head;
}

/* False: it is another form. */
static bool
read_line(struct span text, struct parts *out)
{
	struct reader r = { text, 0 };
	struct span line;
	bool is_comment;

	(void)reader_run(&r, is_blank, text.n);
	is_comment = reader_lit(&r, SPAN("#"));
	line = span_skip(text, r.at);
	line = ascii_trim(span_head(line, span_find(line, '\n')));
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (!ascii_starts_nocase(line, SPAN("hmac-")))
		return false;
	out->algorithm = head_to_colon(&line);
	out->name = head_to_colon(&line);
	out->secret = line;
	r.at = (size_t)(line.p + line.n - text.p);
	(void)reader_run(&r, is_blank, text.n);
	/* Behind its comment, keymgr says the same again in its own words. */
	return line.n > 0 && (is_comment || reader_end(&r));
}

/* ---- BIND's form ---- */

/* Blanks and comments. */
static void
skip_blanks(struct reader *r)
{
	for (;;) {
		struct span rest = span_skip(r->in, r->at);

		if (rest.n > 0 && is_blank((unsigned char)rest.p[0])) {
			r->at++;
		} else if (span_starts(rest, SPAN("#")) ||
			   span_starts(rest, SPAN("//"))) {
			r->at += span_find(rest, '\n');
		} else if (reader_lit(r, SPAN("/*"))) {
			while (!reader_end(r) && !reader_lit(r, SPAN("*/")))
				r->at++;
		} else {
			return;
		}
	}
}

static bool
is_plain(unsigned char c)
{
	return !is_blank(c) && !ascii_is_ctl(c) && c != '"' && c != '{' &&
	       c != '}' && c != ';';
}

static bool
is_quotable(unsigned char c)
{
	return !ascii_is_ctl(c) && c != '"';
}

/* A word, with or without quotes; empty if there is none. */
static struct span
read_word(struct reader *r)
{
	struct reader quoted;
	struct span word;

	skip_blanks(r);
	quoted = *r;
	if (!reader_lit(&quoted, SPAN("\"")))
		return reader_run(r, is_plain, r->in.n);
	word = reader_run(&quoted, is_quotable, r->in.n);
	if (!reader_lit(&quoted, SPAN("\"")))
		return SPAN("");
	*r = quoted;
	return word;
}

static bool
read_mark(struct reader *r, struct span mark)
{
	skip_blanks(r);
	return reader_lit(r, mark);
}

/* "algorithm hmac-sha256;" or "secret ...;", each once. */
static bool
read_statement(struct reader *r, struct parts *p)
{
	struct span what = read_word(r);
	struct span *to = span_eq(what, SPAN("algorithm")) ? &p->algorithm
			  : span_eq(what, SPAN("secret"))  ? &p->secret
							   : NULL;

	if (to == NULL || to->n > 0)
		return false;
	*to = read_word(r);
	return to->n > 0 && read_mark(r, SPAN(";"));
}

static bool
read_block(struct span text, struct parts *p)
{
	struct reader r = { text, 0 };

	if (!span_eq(read_word(&r), SPAN("key")))
		return false;
	p->name = read_word(&r);
	if (!read_mark(&r, SPAN("{")) || !read_statement(&r, p) ||
	    !read_statement(&r, p) || !read_mark(&r, SPAN("}")))
		return false;
	(void)read_mark(&r, SPAN(";"));
	skip_blanks(&r);
	return reader_end(&r);
}

enum tsig_key_parse
tsig_key_parse(struct span text, struct tsig_key_text *out)
{
	struct parts p = { SPAN_INIT(""), SPAN_INIT(""), SPAN_INIT("") };

	if (read_line(text, &p))
		return look_at(&p, out);
	p = (struct parts){ SPAN_INIT(""), SPAN_INIT(""), SPAN_INIT("") };
	return read_block(text, &p) ? look_at(&p, out) : TSIG_KEY_SYNTAX;
}
