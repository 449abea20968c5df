/* A service zone of invented names, served as the edge would: for the lab and
 * for bench/dns.
 *
 *	serve_zone [-k KEYFILE] [-s SECONDARY]... [-t THREADS] [-r RATE]
 *	           ZONE NAMES LISTEN
 *
 * The names are c0000000, c0000001, ...; their ids say which version of the
 * zone they are from. With SIGHUP comes the next version, which has a name
 * more. LISTEN and SECONDARY are ADDRESS@PORT. Says "ready", and for each
 * secondary what became of NOTIFY. */
#include <event2/event.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "serve/dns_server.h"

enum { LABEL_N = 8, THREADS_MAX = 16 };

struct program {
	struct span zone_name;
	uint64_t names, threads, rate;
	struct endpoint listen;
	struct dns_secondary secondaries[LIMIT_DNS_SECONDARIES];
	size_t n_secondaries;
	struct tsig_key key;
	bool has_key;
	_Atomic uint32_t version;
	struct dns_zone *zone;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "serve_zone: %s\n", what);
	exit(1);
}

/* ---- the names ---- */

static uint64_t
names_now(const struct program *p)
{
	return p->names + atomic_load(&p->version) - 1;
}

static void
set_label(char *label, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "c%07" PRIu64, number);
	memcpy(label, text, LABEL_N);
}

static void
set_entry(const struct program *p, uint64_t number, struct dns_entry *out)
{
	struct buf b = buf_init(out->id, sizeof out->id);

	buf_printf(
	    &b, "v%" PRIu32 "n%07" PRIu64, atomic_load(&p->version), number);
	out->id_n = (uint8_t)b.n;
}

static enum lookup
find(void *arg, struct span label, struct dns_entry *out)
{
	const struct program *p = arg;
	uint64_t number;

	if (label.n != LABEL_N || label.p[0] != 'c' ||
	    !num_parse(span_skip(label, 1), names_now(p) - 1, &number))
		return LOOKUP_NONE;
	set_entry(p, number, out);
	return LOOKUP_FOUND;
}

static enum lookup
next(void *arg, struct span after, char *label, size_t *label_n,
    struct dns_entry *out)
{
	const struct program *p = arg;
	uint64_t number = 0;

	if (after.n > 0 &&
	    (!num_parse(span_skip(after, 1), UINT32_MAX, &number) ||
		++number >= names_now(p)))
		return LOOKUP_NONE;
	set_label(label, number);
	*label_n = LABEL_N;
	set_entry(p, number, out);
	return LOOKUP_FOUND;
}

static void
load(struct program *p)
{
	for (uint64_t i = 0; i < names_now(p); i++) {
		struct dns_entry e;
		char label[LABEL_N];

		set_label(label, i);
		set_entry(p, i, &e);
		if (dns_zone_put(
			p->zone, (struct span){ label, LABEL_N }, &e) != ERR_OK)
			die("out of memory");
	}
	dns_zone_loaded(p->zone);
	dns_zone_set_serial(p->zone, atomic_load(&p->version));
}

static void
make_zone(struct program *p)
{
	char names[3][300];
	struct span servers[2];
	struct dns_zone_host host;
	struct ip_addr addresses[2];
	struct error e = { .text = "" };

	for (int i = 0; i < 3; i++)
		snprintf(names[i], sizeof names[i], "%s.%.*s",
		    (const char *const[]){ "ns1", "ns2", "hostmaster" }[i],
		    (int)p->zone_name.n, p->zone_name.p);
	servers[0] = span_str(names[0]);
	servers[1] = span_str(names[1]);
	host = (struct dns_zone_host){ servers[0], p->listen.address };
	if (!ip_parse(SPAN("192.0.2.80"), &addresses[0]) ||
	    !ip_parse(SPAN("2001:db8::80"), &addresses[1]))
		die("no addresses");
	const struct dns_zone_config config = { .name = p->zone_name,
		.primary = servers[0],
		.mailbox = span_str(names[2]),
		.servers = servers,
		.n_servers = 2,
		.hosts = &host,
		.n_hosts = 1,
		.addresses = addresses,
		.n_addresses = 2,
		.serial = 1,
		.ttl = 300,
		.negative_ttl = 60,
		.refresh = 3600,
		.retry = 600,
		.expire = 86400,
		.index_max = 2 * 1024 * 1024,
		.source = { find, next, p } };

	if (dns_zone_new(&config, &randomness_system, &p->zone, &e) != ERR_OK)
		die(e.text);
	load(p);
}

/* ---- serving ---- */

static void
told(void *arg, const struct dns_secondary *to, uint32_t serial,
    enum dns_notified result)
{
	static const char *const text[] = { "told", "refused", "silent" };

	(void)arg;
	printf("%s %s@%u %" PRIu32 "\n", text[result],
	    ip_format(to->at.address).s, to->at.port, serial);
	fflush(stdout);
}

static struct event_base *
start(struct program *p, bool notifies)
{
	struct dns_server *server;
	struct error e = { .text = "" };
	struct event_base *base = event_base_new();
	const struct dns_server_config config = { .base = base,
		.clock = &clock_system,
		.randomness = &randomness_system,
		.zone = p->zone,
		.listen = &p->listen,
		.n_listen = 1,
		.secondaries = p->secondaries,
		.n_secondaries = p->n_secondaries,
		.notifies = notifies,
		.told = told,
		.rate = (uint32_t)p->rate };

	if (base == NULL || dns_server_new(&config, &server, &e) != ERR_OK)
		die(e.text);
	return base;
}

static void *
run(void *arg)
{
	event_base_dispatch(arg);
	return NULL;
}

static void
on_hangup(evutil_socket_t number, short what, void *arg)
{
	struct program *p = arg;

	(void)number;
	(void)what;
	atomic_fetch_add(&p->version, 1);
	load(p);
}

static void
serve(struct program *p)
{
	struct event_base *base = start(p, true);
	struct event *hangup =
	    event_new(base, SIGHUP, EV_SIGNAL | EV_PERSIST, on_hangup, p);

	for (uint64_t i = 1; i < p->threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run, start(p, false)) != 0)
			die("no threads");
	}
	if (hangup == NULL || event_add(hangup, NULL) != 0)
		die("out of memory");
	puts("ready");
	fflush(stdout);
	event_base_dispatch(base);
}

/* ---- what it is told ---- */

static struct endpoint
endpoint(const char *text)
{
	struct endpoint at;
	size_t n;

	if (endpoint_find(span_str(text), 53, &at, 1, &n, NULL) != ERR_OK)
		die("no address");
	return at;
}

static uint64_t
number(const char *text, uint64_t max)
{
	uint64_t n;

	if (!num_parse(span_str(text), max, &n))
		die("no number");
	return n;
}

static void
read_options(struct program *p, int argc, char **argv)
{
	struct error e = { .text = "" };
	int c;

	while ((c = getopt(argc, argv, "k:s:t:r:")) != -1)
		switch (c) {
		case 'k':
			if (tsig_key_read(optarg, &p->key, &e) != ERR_OK)
				die(e.text);
			p->has_key = true;
			break;
		case 's':
			if (p->n_secondaries == LIMIT_DNS_SECONDARIES)
				die("too many secondaries");
			p->secondaries[p->n_secondaries++] =
			    (struct dns_secondary){ .at = endpoint(optarg) };
			break;
		case 't':
			p->threads = number(optarg, THREADS_MAX);
			break;
		case 'r':
			p->rate = number(optarg, UINT32_MAX);
			break;
		default:
			die("bad usage");
		}
	for (size_t i = 0; i < p->n_secondaries; i++)
		p->secondaries[i].key = p->has_key ? &p->key : NULL;
}

int
main(int argc, char **argv)
{
	struct program p = { .threads = 1, .version = 1 };

	read_options(&p, argc, argv);
	if (argc - optind != 3)
		die("usage: serve_zone [-k KEYFILE] [-s SECONDARY]... "
		    "[-t THREADS] [-r RATE] ZONE NAMES LISTEN");
	p.zone_name = span_str(argv[optind]);
	p.names = number(argv[optind + 1], 2 * 1024 * 1024);
	p.listen = endpoint(argv[optind + 2]);
	make_zone(&p);
	serve(&p);
	return 0;
}
