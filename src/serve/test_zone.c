#include "serve/test_zone.h"

#include <stdio.h>

#include "base/test_table.h"
#include "wire/dns.h"

static const char *const labels[] = { "alpha", "beta", "gamma" };

static const struct span servers[] = { SPAN_INIT("ns1.svc.example"),
	SPAN_INIT("ns.example.org") };
static const struct dns_zone_host hosts[] = {
	{ SPAN_INIT("ns1.svc.example"), { IP_V4, { 192, 0, 2, 53 } } },
	{ SPAN_INIT("a.deep.svc.example"), { IP_V4, { 192, 0, 2, 54 } } },
};
static const struct ip_addr addresses[] = {
	{ IP_V4, { 192, 0, 2, 80 } },
	{ IP_V6, { 0x20, 1, 0xd, 0xb8, [15] = 0x80 } },
	{ IP_V4, { 192, 0, 2, 81 } },
};

/* "beta" has none. */
static void
set_entry(const char *label, struct dns_entry *out)
{
	struct buf id = buf_init(out->id, sizeof out->id);

	if (strcmp(label, "beta") != 0)
		buf_printf(&id, "id%s", label);
	out->id_n = (uint8_t)id.n;
}

static enum lookup
find(void *arg, struct span label, struct dns_entry *out)
{
	struct test_names *t = arg;

	t->finds++;
	if (t->is_out_of_reach)
		return LOOKUP_FAILED;
	for (size_t i = 0; i < t->n && !t->is_gone; i++)
		if (span_eq(span_str(t->labels[i]), label)) {
			set_entry(t->labels[i], out);
			return LOOKUP_FOUND;
		}
	return LOOKUP_NONE;
}

static enum lookup
next(void *arg, struct span after, char *label, size_t *label_n,
    struct dns_entry *out)
{
	struct test_names *t = arg;

	if (t->is_out_of_reach)
		return LOOKUP_FAILED;
	for (size_t i = 0; i < t->n && !t->is_gone; i++)
		if (span_cmp(span_str(t->labels[i]), after) > 0) {
			set_entry(t->labels[i], out);
			*label_n = strlen(t->labels[i]);
			memcpy(label, t->labels[i], *label_n);
			return LOOKUP_FOUND;
		}
	return LOOKUP_NONE;
}

struct dns_zone_config
test_zone_config(struct test_names *names)
{
	return (struct dns_zone_config){ .name = SPAN_INIT("svc.example"),
		.primary = servers[0],
		.mailbox = SPAN_INIT("hostmaster.svc.example"),
		.servers = servers,
		.n_servers = ROWS(servers),
		.hosts = hosts,
		.n_hosts = ROWS(hosts),
		.addresses = addresses,
		.n_addresses = ROWS(addresses),
		.serial = 7,
		.ttl = 300,
		.negative_ttl = 60,
		.refresh = 3600,
		.retry = 600,
		.expire = 86400,
		.index_max = 100,
		.source = { find, next, names } };
}

void
test_zone_init(struct test_zone *t, size_t index_max, bool loaded)
{
	struct dns_zone_config config;

	*t = (struct test_zone){ .names = {
				     .labels = labels, .n = ROWS(labels) } };
	config = test_zone_config(&t->names);
	config.index_max = index_max;
	assert_int_equal(
	    dns_zone_new(&config, &randomness_system, &t->zone, NULL), ERR_OK);
	if (!loaded)
		return;
	for (size_t i = 0; i < ROWS(labels); i++) {
		struct dns_entry e;

		set_entry(labels[i], &e);
		assert_int_equal(
		    dns_zone_put(t->zone, span_str(labels[i]), &e), ERR_OK);
	}
	dns_zone_loaded(t->zone);
}

void
test_zone_release(struct test_zone *t)
{
	dns_zone_free(t->zone);
}

/* ---- queries ---- */

/* dns_name_write would put lower case. */
static void
put_name(struct buf *b, struct span text)
{
	while (text.n > 0) {
		struct span label = span_head(text, span_find(text, '.'));

		buf_putc(b, (char)label.n);
		buf_put(b, label);
		text = span_skip(text, label.n + 1);
	}
	buf_putc(b, '\0');
}

struct span
test_query_write(char *mem, size_t n, const struct test_query *q)
{
	struct buf b = buf_init(mem, n);

	buf_put(&b, SPAN("\x12\x34\0\0\0\1\0\0\0\0\0"));
	buf_putc(&b, q->edns > 0);
	put_name(&b, span_str(q->name));
	dns_put_u16(&b, q->type);
	dns_put_u16(&b, q->class > 0 ? q->class : DNS_CLASS_IN);
	if (q->edns > 0) {
		buf_put(&b, SPAN("\0\0\x29"));
		dns_put_u16(&b, q->edns);
		buf_put(&b, SPAN("\0\0\0\0\0\0"));
	}
	assert_false(b.overflow);
	return buf_span(&b);
}

/* ---- answers ---- */

static void
put_name_at(struct buf *b, struct span message, size_t at)
{
	struct dns_name name;

	assert_true(dns_name_read(message, &at, &name));
	buf_putc(b, ' ');
	buf_put(b, dns_name_span(&name));
}

static void
put_soa(struct buf *b, struct span message, size_t at)
{
	for (int i = 0; i < 2; i++) {
		struct dns_name name;

		assert_true(dns_name_read(message, &at, &name));
		buf_printf(b, " %.*s", (int)name.n, name.s);
	}
	for (int i = 0; i < 5; i++, at += 4)
		buf_printf(b, " %u", dns_u32(message, at));
}

static void
put_record(struct buf *b, struct span m, const struct dns_record *rr)
{
	struct ip_addr a = { .family = IP_NONE };

	buf_printf(b, " %.*s %u", (int)rr->owner.n, rr->owner.s, rr->ttl);
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		a.family = rr->type == DNS_A ? IP_V4 : IP_V6;
		memcpy(a.b, m.p + rr->rdata, rr->rdlength);
		buf_printf(b, " %s", ip_format(a).s);
		break;
	case DNS_TXT:
		buf_printf(
		    b, " \"%.*s\"", (int)rr->rdlength - 1, m.p + rr->rdata + 1);
		break;
	case DNS_NS:
		put_name_at(b, m, rr->rdata);
		break;
	case DNS_SOA:
		put_soa(b, m, rr->rdata);
		break;
	default:
		buf_printf(b, " type %u", rr->type);
	}
}

static void
put_sections(struct buf *b, struct span m, size_t at)
{
	for (size_t section = 6; section < 12; section += 2) {
		buf_put(b, SPAN(" |"));
		for (unsigned n = dns_u16(m, section); n > 0; n--) {
			struct dns_record rr;

			assert_true(dns_record_read(m, &at, &rr));
			if (rr.type != DNS_OPT)
				put_record(b, m, &rr);
		}
	}
	assert_int_equal(at, m.n);
}

struct span
test_reply_text(char *mem, size_t n, struct span m)
{
	static const char *const rcodes[16] = { "NOERROR", "FORMERR",
		"SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", [9] = "NOTAUTH" };
	struct buf b = buf_init(mem, n);
	size_t at = DNS_HEADER_OCTETS;
	struct dns_name name;
	unsigned flags;

	assert_true(m.n >= DNS_HEADER_OCTETS);
	flags = dns_u16(m, 2);
	assert_true((flags & DNS_FLAG_QR) != 0);
	assert_non_null(rcodes[flags & DNS_MASK_RCODE]);
	buf_printf(&b, "%s%s%s", rcodes[flags & DNS_MASK_RCODE],
	    (flags & DNS_FLAG_AA) != 0 ? " aa" : "",
	    (flags & DNS_FLAG_TC) != 0 ? " tc" : "");
	if (dns_u16(m, 4) > 0) {
		assert_true(dns_name_read(m, &at, &name));
		at += 4;
	}
	put_sections(&b, m, at);
	assert_false(b.overflow);
	return buf_span(&b);
}
