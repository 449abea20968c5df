#include "serve/dns_zone.h"

#include <pthread.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_zone.h"

#define LABEL63                                                                \
	"a2345678901234567890123456789012345678901234567890123456789012x"

static struct span many_servers[LIMIT_DNS_SERVERS + 1];

static void
no_name(struct dns_zone_config *c)
{
	c->name = SPAN("");
}

static void
bad_name(struct dns_zone_config *c)
{
	c->name = SPAN("svc..example");
}

static void
no_primary(struct dns_zone_config *c)
{
	c->primary = SPAN("");
}

static void
bad_mailbox(struct dns_zone_config *c)
{
	c->mailbox = SPAN("a." LABEL63 "y");
}

static void
no_server(struct dns_zone_config *c)
{
	c->n_servers = 0;
}

static void
bad_server(struct dns_zone_config *c)
{
	static const struct span server = SPAN_INIT(".");

	c->servers = &server;
	c->n_servers = 1;
}

static void
too_many_servers(struct dns_zone_config *c)
{
	for (size_t i = 0; i < ROWS(many_servers); i++)
		many_servers[i] = SPAN("ns.example.org");
	c->servers = many_servers;
	c->n_servers = ROWS(many_servers);
}

static void
foreign_host(struct dns_zone_config *c)
{
	static const struct dns_zone_host host = { SPAN_INIT("ns.example.org"),
		{ IP_V4, { 192, 0, 2, 1 } } };

	c->hosts = &host;
	c->n_hosts = 1;
}

static void
host_at_apex(struct dns_zone_config *c)
{
	static const struct dns_zone_host host = { SPAN_INIT("SVC.example"),
		{ IP_V4, { 192, 0, 2, 1 } } };

	c->hosts = &host;
	c->n_hosts = 1;
}

static void
no_addresses(struct dns_zone_config *c)
{
	c->n_addresses = 0;
	c->n_hosts = 0;
}

static void
final_dots(struct dns_zone_config *c)
{
	c->name = SPAN("Svc.Example.");
}

/* clang-format off */
static const struct {
	const char	*label;
	void		(*change)(struct dns_zone_config *c);
	enum err	 want;
	const char	*want_text;
} configs[] = {
	{ "no name", no_name, ERR_USAGE, "zone:  is no domain name" },
	{ "a name that is none", bad_name, ERR_USAGE, "zone: svc..example is no domain name" },
	{ "no primary", no_primary, ERR_USAGE, "primary:  is no domain name" },
	{ "a mailbox with a label too long", bad_mailbox, ERR_USAGE, "mailbox: a." LABEL63 "y is no domain name" },
	{ "no name server", no_server, ERR_USAGE, "a zone needs a name server" },
	{ "a name server that is none", bad_server, ERR_USAGE, "name server: . is no domain name" },
	{ "too many name servers", too_many_servers, ERR_LIMIT, "a zone has at most 13 name servers, 104 hosts and 16 addresses" },
	{ "a host of another zone", foreign_host, ERR_USAGE, "host: ns.example.org is not below the zone" },
	{ "a host at the apex", host_at_apex, ERR_USAGE, "host: SVC.example is not below the zone" },
	{ "no addresses", no_addresses, ERR_OK, "" },
	{ "a final dot, capitals", final_dots, ERR_OK, "" },
};
/* clang-format on */

static void
test_configs(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(configs); i++) {
		struct test_names names = { .n = 0 };
		struct dns_zone_config c = test_zone_config(&names);
		struct error e = { .text = "" };
		struct dns_zone *zone = NULL;

		t.label = configs[i].label;
		configs[i].change(&c);
		want_int(&t, "result",
		    dns_zone_new(&c, &randomness_system, &zone, &e),
		    configs[i].want);
		want_span(&t, "sentence", span_str(e.text),
		    span_str(configs[i].want_text));
		want_bool(&t, "made", zone != NULL, configs[i].want == ERR_OK);
		dns_zone_free(zone);
	}
	assert_int_equal(t.failed, 0);
}

static bool
no_bytes(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	(void)buf;
	(void)n;
	return false;
}

static void
test_no_randomness(void **state)
{
	const struct randomness none = { no_bytes };
	struct test_names names = { .n = 0 };
	struct dns_zone_config c = test_zone_config(&names);
	struct dns_zone *zone;

	(void)state;
	assert_int_equal(dns_zone_new(&c, &none, &zone, NULL), ERR_SYSTEM);
}

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 name, parent;
	bool		 want;
	struct span	 want_labels;
} unders[] = {
	{ "the same", SPAN_INIT("\1a\1b\0"), SPAN_INIT("\1a\1b\0"), true, SPAN_INIT("") },
	{ "below", SPAN_INIT("\1x\1a\1b\0"), SPAN_INIT("\1a\1b\0"), true, SPAN_INIT("\1x") },
	{ "two below", SPAN_INIT("\1y\1x\1a\1b\0"), SPAN_INIT("\1a\1b\0"), true, SPAN_INIT("\1y\1x") },
	{ "above", SPAN_INIT("\1b\0"), SPAN_INIT("\1a\1b\0"), false, SPAN_INIT("") },
	{ "beside", SPAN_INIT("\1c\1b\0"), SPAN_INIT("\1a\1b\0"), false, SPAN_INIT("") },
	{ "a label that ends with the octets of the parent", SPAN_INIT("\4\1a\1b\0"), SPAN_INIT("\1b\0"), false, SPAN_INIT("\4\1a\1b") },
	{ "below the root", SPAN_INIT("\1a\0"), SPAN_INIT("\0"), true, SPAN_INIT("\1a") },
};
/* clang-format on */

static void
test_unders(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(unders); i++) {
		struct span labels;
		bool got = dns_wire_is_under(
		    unders[i].name, unders[i].parent, &labels);

		t.label = unders[i].label;
		want_bool(&t, "under", got, unders[i].want);
		if (got)
			want_span(&t, "labels", labels, unders[i].want_labels);
	}
	assert_int_equal(t.failed, 0);
}

static bool
has(struct test_zone *z, const char *label)
{
	struct dns_entry e;

	return dns_zone_find(z->zone, span_str(label), &e) == LOOKUP_FOUND;
}

static void
test_loaded(void **state)
{
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 3, true);
	assert_true(has(&z, "alpha"));
	assert_false(has(&z, "delta"));
	assert_int_equal(z.names.finds, 0);
	dns_zone_remove(z.zone, SPAN("alpha"));
	assert_false(has(&z, "alpha"));
	assert_int_equal(z.names.finds, 0);
	test_zone_release(&z);
}

/* What the source has said is kept; what does not exist is asked for again, so
 * that invented names do not drive real ones out. */
static void
test_not_loaded(void **state)
{
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 3, false);
	for (int i = 0; i < 10; i++)
		assert_true(has(&z, "alpha"));
	assert_int_equal(z.names.finds, 1);
	for (int i = 0; i < 10; i++)
		assert_false(has(&z, "delta"));
	assert_int_equal(z.names.finds, 11);
	test_zone_release(&z);
}

/* Three labels, and room for two: none is lost. */
static void
test_too_small(void **state)
{
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 2, true);
	assert_true(has(&z, "alpha") && has(&z, "beta") && has(&z, "gamma"));
	assert_true(z.names.finds >= 1);
	assert_false(has(&z, "delta"));
	test_zone_release(&z);
}

/* A name goes while the source is asked for it: its old answer is given once,
 * and not kept. */
struct vanishing {
	struct test_zone z;
	struct dns_source source;
};

static enum lookup
find_and_remove(void *arg, struct span label, struct dns_entry *out)
{
	struct vanishing *v = arg;
	enum lookup said = v->source.find(v->source.arg, label, out);

	v->z.names.is_gone = true;
	dns_zone_remove(v->z.zone, label);
	return said;
}

static void
test_change_meanwhile(void **state)
{
	static const char *const labels[] = { "alpha" };
	struct vanishing v = { .z.names = { .labels = labels, .n = 1 } };
	struct dns_zone_config c = test_zone_config(&v.z.names);

	(void)state;
	v.source = c.source;
	c.source.find = find_and_remove;
	c.source.arg = &v;
	assert_int_equal(
	    dns_zone_new(&c, &randomness_system, &v.z.zone, NULL), ERR_OK);
	assert_true(has(&v.z, "alpha"));
	assert_false(has(&v.z, "alpha"));
	dns_zone_free(v.z.zone);
}

/* Threads that read while another one changes: for ThreadSanitizer, and the
 * name that nobody touches is always there. */
enum { LOOKS = 2000 };

static void *
look(void *arg)
{
	struct test_zone *z = arg;
	intptr_t missed = 0;

	for (int i = 0; i < LOOKS; i++) {
		missed += !has(z, "gamma");
		(void)has(z, "alpha");
		(void)dns_zone_serial(z->zone);
	}
	return (void *)missed;
}

static void
test_threads(void **state)
{
	struct dns_entry e = { .id = "1", .id_n = 1 };
	pthread_t threads[2];
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 100, true);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, look, &z), 0);
	for (uint32_t i = 0; i < LOOKS; i++) {
		dns_zone_remove(z.zone, SPAN("alpha"));
		assert_int_equal(
		    dns_zone_put(z.zone, SPAN("alpha"), &e), ERR_OK);
		dns_zone_set_serial(z.zone, i);
	}
	for (int i = 0; i < 2; i++) {
		void *missed;

		pthread_join(threads[i], &missed);
		assert_null(missed);
	}
	test_zone_release(&z);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_no_randomness),
		cmocka_unit_test(test_unders),
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_not_loaded),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_change_meanwhile),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
