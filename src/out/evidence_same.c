#include "out/evidence_same.h"

#include "out/layout.h"

static bool
same_struct(const struct layout *l, const char *a, const char *b);

static bool
same_element(const struct member *m, const char *a, const char *b)
{
	if (m->kind == KIND_SPANS)
		return span_eq(GET(struct span, a), GET(struct span, b));
	if (m->kind == KIND_ADDRESSES)
		return ip_eq(GET(struct ip_addr, a), GET(struct ip_addr, b));
	return same_struct(m->layout, a, b);
}

static size_t
count_in(const struct member *m, const char *one, const char *list, size_t n)
{
	size_t size = member_element_size(m), count = 0;

	for (size_t i = 0; i < n; i++)
		count += same_element(m, one, list + i * size);
	return count;
}

/* Lists of equal length. As a rule both are in the order that the reader of DNS
 * made; only where they are not is every element looked for. */
static bool
same_lists(const struct member *m, const char *a, const char *b, size_t n)
{
	size_t size = member_element_size(m), i = 0;

	while (i < n && same_element(m, a + i * size, b + i * size))
		i++;
	if (i == n || !m->is_set)
		return i == n;
	for (; i < n; i++)
		if (count_in(m, a + i * size, a, n) !=
		    count_in(m, a + i * size, b, n))
			return false;
	return true;
}

static bool
same_list(const struct member *m, const char *a, const char *b)
{
	size_t n = GET(size_t, a + m->count_at);

	return n == GET(size_t, b + m->count_at) &&
	       (n == 0 || same_lists(m, GET(char *, a + m->at),
			      GET(char *, b + m->at), n));
}

static bool
same_member(const struct member *m, const char *a, const char *b)
{
	const char *p = a + m->at, *q = b + m->at;

	switch (m->kind) {
	case KIND_BOOL:
		return GET(bool, p) == GET(bool, q);
	case KIND_U8:
	case KIND_ENUM:
		return GET(uint8_t, p) == GET(uint8_t, q);
	case KIND_U16:
		return GET(uint16_t, p) == GET(uint16_t, q);
	case KIND_U32:
		return GET(uint32_t, p) == GET(uint32_t, q);
	case KIND_U64:
		return GET(uint64_t, p) == GET(uint64_t, q);
	case KIND_I32:
		return GET(int32_t, p) == GET(int32_t, q);
	case KIND_I64:
		return GET(int64_t, p) == GET(int64_t, q);
	case KIND_TIME:
		return GET(struct wall_time, p).s == GET(struct wall_time, q).s;
	case KIND_SPAN:
		return span_eq(GET(struct span, p), GET(struct span, q));
	case KIND_ADDRESS:
		return ip_eq(GET(struct ip_addr, p), GET(struct ip_addr, q));
	case KIND_STRUCT:
		return same_struct(m->layout, p, q);
	case KIND_SPANS:
	case KIND_ADDRESSES:
	case KIND_STRUCTS:
		break;
	}
	return same_list(m, a, b);
}

/* What counts on one side only differs. */
static bool
same_struct(const struct layout *l, const char *a, const char *b)
{
	for (const struct member *m = l->members; m->name != NULL; m++) {
		bool in_a = m->counts == NULL || m->counts(a);
		bool in_b = m->counts == NULL || m->counts(b);

		if (in_a != in_b || (in_a && !same_member(m, a, b)))
			return false;
	}
	return true;
}

bool
evidence_same(const struct evidence *a, const struct evidence *b)
{
	return same_struct(&evidence_layout, (const char *)a, (const char *)b);
}

bool
host_seen_same(const struct host_seen *a, const struct host_seen *b)
{
	return same_struct(&host_seen_layout, (const char *)a, (const char *)b);
}
