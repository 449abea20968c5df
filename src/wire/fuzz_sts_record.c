#include "wire/fuzz.h"

#include "base/ascii.h"
#include "wire/sts_record.h"

static bool
is_ext_octet(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ';' && c != '=';
}

/* One field by RFC 8461 3.1, in another way than the parser's. */
static bool
is_field(struct span s, bool *id_seen)
{
	size_t eq = span_find(s, '=');
	struct span name = span_head(s, eq), value = span_skip(s, eq + 1);
	bool is_id = span_eq(name, SPAN("id")) && !*id_seen;

	if (eq == s.n || name.n < 1 || name.n > 32 || value.n < 1 ||
	    !ascii_is_alnum((unsigned char)name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum((unsigned char)name.p[i]) &&
		    name.p[i] != '_' && name.p[i] != '-' && name.p[i] != '.')
			return false;
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (is_id ? !ascii_is_alnum(c) : !is_ext_octet(c))
			return false;
	}
	*id_seen |= is_id;
	return !is_id || value.n <= 32;
}

/* The whole record: cut at every ";", and look at the pieces. */
static bool
is_record(struct span s)
{
	bool id_seen = false;
	size_t end;

	if (!span_starts(s, SPAN("v=STSv1")))
		return false;
	s = span_skip(s, 7);
	end = span_find(s, ';');
	if (end == s.n || ascii_trim(span_head(s, end)).n > 0)
		return false;
	for (s = span_skip(s, end + 1);; s = span_skip(s, end + 1)) {
		struct span piece;

		end = span_find(s, ';');
		piece = span_head(s, end);
		if (end == s.n && ascii_trim(piece).n == 0)
			return id_seen;
		if (end == s.n && ascii_is_wsp((unsigned char)s.p[s.n - 1]))
			return false;
		if (!is_field(ascii_trim(piece), &id_seen))
			return false;
		if (end == s.n)
			return id_seen;
	}
}

static void
check_one(struct span in)
{
	struct sts_record rec, again;
	enum sts_record_verdict v = sts_record_parse(in, &rec);
	char mem[64];
	int n;

	assert((v == STS_RECORD_OK) == is_record(in));
	assert(fuzz_is_inside(rec.id, in) && rec.id.n <= 32);
	assert(
	    (v == STS_RECORD_SYNTAX) == (rec.fault != STS_RECORD_FAULT_NONE));
	assert(rec.bad_at <= in.n);
	assert(v == STS_RECORD_SYNTAX || rec.bad_at == 0);
	if (v == STS_RECORD_OTHER)
		(void)sts_record_near(in);
	if (v != STS_RECORD_OK)
		return;
	for (size_t i = 0; i < rec.id.n; i++)
		assert(ascii_is_alnum((unsigned char)rec.id.p[i]));
	n = snprintf(
	    mem, sizeof mem, "v=STSv1; id=%.*s;", (int)rec.id.n, rec.id.p);
	assert(sts_record_parse((struct span){ mem, (size_t)n }, &again) ==
	       STS_RECORD_OK);
	assert(span_eq(again.id, rec.id) && !again.duplicate_id);
}

/* Records are separated by LF, and each is cut in two strings. */
static void
check_rrset(struct span in)
{
	struct span strings[16];
	struct dns_txt txt[8];
	struct sts_rrset set;
	struct arena a;
	size_t n = 0;

	for (; n < 8 && in.n > 0; n++) {
		size_t end = span_find(in, '\n');

		strings[2 * n] = span_head(in, end / 2);
		strings[2 * n + 1] = span_skip(span_head(in, end), end / 2);
		txt[n] = (struct dns_txt){ &strings[2 * n], 2 };
		in = span_skip(in, end + 1);
	}
	arena_init(&a, 1 << 20);
	set = sts_rrset_parse(txt, n, &a);
	assert(!a.failed);
	assert(set.n_sts <= n);
	assert((set.verdict == STS_RRSET_NONE) == (set.n_sts == 0));
	assert((set.verdict == STS_RRSET_MULTIPLE) == (set.n_sts > 1));
	if (set.verdict == STS_RRSET_OK)
		assert(set.record_verdict == STS_RECORD_OK &&
		       fuzz_is_inside(set.record.id, set.text));
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 16)
		return 0;
	check_one(fuzz_input(data, n));
	check_rrset(fuzz_input(data, n));
	return 0;
}
