#include "roles/config.h"

#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "roles/config_row.h"
#include "store/outbox.h"

#define CHANNEL(type) "[channel ops]\ntype = " type "\n"
#define MAIL_TO CHANNEL("mail") "to = a@example.com\nfrom = b@example.com\n"
/* Four lines. */
#define SERVICE                                                                \
	"[service]\nzone = svc.example\naddress = 192.0.2.80\n"                \
	"name-server = ns.example.org\n"
#define TIMES_4(s) s s s s
#define TIMES_17(s) TIMES_4(TIMES_4(s)) s
/* 239 characters. */
#define LONG_ZONE                                                              \
	TIMES_4(TIMES_4("a23456789012.")) "example.example.example.example"
#define MAIL MAIL_TO "server = smtp://mx.example.com\n"

/* Every fault is one line of the file "f". */
/* clang-format off */
static const struct {
	const char *label, *text, *want;
} faults[] = {
	{ "no section", "store = /x\n",
	  "f:1: store stands before the first [section]" },
	{ "an unknown section", "\n[daemons]\nx = y\n",
	  "f:2: there is no section [daemons]" },
	{ "a section twice", "[daemon]\n[network]\n[daemon]\n",
	  "f:3: the section [daemon] stands in line 1 already" },
	{ "a section that does not end", "[daemon\n",
	  "f:1: a section ends with \"]\"" },
	{ "an unknown key", "[daemon]\n# x\nstorage = /x\n",
	  "f:3: there is no key \"storage\" in [daemon]" },
	{ "a key of another section", "[daemon]\nlooks = 3\n",
	  "f:2: there is no key \"looks\" in [daemon]" },
	{ "a key twice", "[daemon]\ndrain = 1s\ndrain = 1s\n",
	  "f:3: drain stands in line 2 already" },
	{ "no value", "[daemon]\ndrain =\n", "f:2: drain has no value" },
	{ "nothing but a comment for a value", "[daemon]\ndrain = # 3\n",
	  "f:2: drain has no value" },
	{ "no key", "[daemon]\n= 3\n",
	  "f:2: this is neither [section] nor key = value" },
	{ "neither", "[daemon]\nhello\n",
	  "f:2: this is neither [section] nor key = value" },
	{ "a line that would go on", "[daemon]\ndrain = 1s\n  2s\n",
	  "f:3: this is neither [section] nor key = value" },
	{ "not text", "[daemon]\ndrain = 1\xff\n",
	  "f:2: the line holds what is not text" },
	{ "a control character", "[daemon]\ndrain = 1\x1b[m\n",
	  "f:2: the line holds what is not text" },
	{ "no final newline", "[daemon]\ndrain = x",
	  "f:2: drain takes a time from 0s to 10m, not \"x\"" },
	{ "lines that end in CR LF", "[daemon]\r\ndrain = x\r\n",
	  "f:2: drain takes a time from 0s to 10m, not \"x\"" },

	{ "a relative store", "[daemon]\nstore = store.db\n",
	  "f:2: store takes an absolute path, sqlite:/PATH or "
	  "postgresql://..." },
	{ "a store that holds a password", "[daemon]\nstore = pg://u:p@h/d\n",
	  "f:2: store takes an absolute path, sqlite:/PATH or "
	  "postgresql://..." },
	{ "an unknown user", "[daemon]\nuser = no-such-user\n",
	  "f:2: user takes a user that this machine knows, not "
	  "\"no-such-user\"" },
	{ "publishing without a zone", "[daemon]\n\nroles = monitor edge\n",
	  "f:3: the role edge needs the key zone of [service]" },
	{ "a zone of nobody", "[service]\nzone = svc.example\nname-server = ns.example.org\n",
	  "f:2: zone needs the key address: where policies are served" },
	{ "a zone that nobody serves", "[service]\nzone = svc.example\naddress = 192.0.2.80\n",
	  "f:2: zone needs the key name-server: who serves it" },
	{ "a zone that is too long", "[service]\naddress = 192.0.2.1\nname-server = a.example\n"
	  "zone = " LONG_ZONE "\n",
	  "f:4: zone is longer than 236 characters, which leaves no room for the names in it" },
	{ "a server that nobody finds", SERVICE "name-server = ns2.SVC.example\n",
	  "f:5: name-server ns2.SVC.example is in the zone and has no key host with its address" },
	{ "a host of another zone", SERVICE "host = ns1.xsvc.example=192.0.2.1\n",
	  "f:5: host ns1.xsvc.example is not in the zone" },
	{ "the zone itself as a host", SERVICE "host = svc.example=192.0.2.1\n",
	  "f:5: host svc.example is not in the zone" },
	{ "a relative sealing key", SERVICE "sealing-key = key\n",
	  "f:5: sealing-key takes an absolute path" },
	{ "DNS at the wildcard", SERVICE "[edge]\nlisten-dns = ::@53\n",
	  "f:6: listen-dns cannot be ::@53: name each address" },
	{ "a list that is too long", SERVICE TIMES_17("address = 192.0.2.1\n") "[edge]\nlisten-https = 192.0.2.1\n"
	  "listen-http = 192.0.2.1\nlisten-dns = 192.0.2.1\n",
	  "f:21: address stands here more than 16 times" },

	{ "a dashboard in the clear", "[web]\nlisten = 127.0.0.1@8080\nlisten = 192.0.2.1@80\norigin = http://a.example\n",
	  "f:3: listen = 192.0.2.1@80 can be reached from outside: it needs certificate and key, or the key "
	  "proxy where one stands in front of it with TLS" },
	{ "a dashboard at the wildcard", "[web]\nlisten = ::\norigin = http://a.example\n",
	  "f:2: listen = :: can be reached from outside: it needs certificate and key, or the key proxy where "
	  "one stands in front of it with TLS" },
	{ "a certificate without its key", "[web]\norigin = https://a.example\ncertificate = /etc/passwd\n",
	  "f:3: certificate needs the key key: the file with the key that belongs to it" },
	{ "a key without its certificate", "[web]\n\nkey = /etc/passwd\n",
	  "f:3: key needs the key certificate: the file with the certificate that it belongs to" },
	{ "a certificate that cannot be read", "[web]\ncertificate = /no/such\n",
	  "f:2: certificate names \"/no/such\", which cannot be read: No such file or directory" },
	{ "a dashboard that nobody finds", "[web]\nproxy = 192.0.2.0/24\n\nlisten = 192.0.2.1\n",
	  "f:4: [web] needs the key origin: the URL at which browsers find the dashboard" },
	{ "https that nobody serves", "[web]\norigin = https://a.example\n",
	  "f:2: origin begins with https:// and nothing serves that: it needs certificate and key, or the key proxy" },
	{ "http where https is served", "[web]\norigin = http://a.example\ncertificate = /etc/passwd\nkey = /etc/passwd\n",
	  "f:2: origin begins with http:// where certificate is given: it is https://" },
	{ "an origin with a path", "[web]\nproxy = ::1\norigin = https://a.example/sts\n",
	  "f:3: origin takes a URL without a path: https://HOST or https://HOST:PORT" },
	{ "a proxy that is no range", "[web]\nproxy = 192.0.2.1/8\n",
	  "f:2: proxy takes a prefix such as 192.0.2.0/24, not \"192.0.2.1/8\"" },
	{ "metrics of neither kind", "[web]\nmetrics = on\n",
	  "f:2: metrics takes token or open, not \"on\"" },

	{ "an unknown role", "[daemon]\nroles = monitor, notifier\n",
	  "f:2: roles takes some of monitor, notify, publish, certs, edge or web, not "
	  "\"monitor, notifier\"" },
	{ "no role", "[daemon]\nroles = ,\n",
	  "f:2: roles takes some of monitor, notify, publish, certs, edge or web, not \",\"" },
	{ "an unknown log", "[daemon]\nlog = file\n",
	  "f:2: log takes stderr or syslog, not \"file\"" },
	{ "neither on nor off", "[daemon]\nsandbox = yes\n",
	  "f:2: sandbox takes off or on, not \"yes\"" },
	{ "too long a time", "[daemon]\ndrain = 11m\n",
	  "f:2: drain takes a time from 0s to 10m, not \"11m\"" },

	{ "a resolver that is a name", "[network]\nresolver = ns.example\n",
	  "f:2: resolver takes an address, or ADDRESS@PORT, not "
	  "\"ns.example\"" },
	{ "no port", "[network]\nresolver = 192.0.2.1@0\n",
	  "f:2: resolver takes an address, or ADDRESS@PORT, not "
	  "\"192.0.2.1@0\"" },
	{ "no prefix", "[network]\nallow-net = 10.0.0.0/8\n"
	  "allow-net = 10.0.0.1/8\n",
	  "f:3: allow-net takes a prefix such as 192.0.2.0/24, not "
	  "\"10.0.0.1/8\"" },
	{ "a file that is not there", "[network]\nca-file = /no/such\n",
	  "f:2: ca-file names \"/no/such\", which cannot be read: No such "
	  "file or directory" },
	{ "a folder", "[network]\nca-file = /etc\n",
	  "f:2: ca-file names \"/etc\", which cannot be read: it is a "
	  "folder" },
	{ "a relative file", "[network]\ntrust-anchor = root.key\n",
	  "f:2: trust-anchor takes an absolute path, not \"root.key\"" },
	{ "no name", "[network]\nehlo-name = a_b.example\n",
	  "f:2: ehlo-name takes a domain name, not \"a_b.example\"" },

	{ "none at all", "[monitor]\nlooks = 0\n",
	  "f:2: looks takes a number from 1 to 256, not \"0\"" },
	{ "too many", "[monitor]\nlooks = 257\n",
	  "f:2: looks takes a number from 1 to 256, not \"257\"" },
	{ "more than fits", "[monitor]\nlooks = 99999999999999999999\n",
	  "f:2: looks takes a number from 1 to 256, not "
	  "\"99999999999999999999\"" },
	{ "all the time", "[monitor]\nrecords-every = 0\n",
	  "f:2: records-every takes a time from 1s to 7d, not \"0\"" },
	{ "too much jitter", "[monitor]\njitter = 51\n",
	  "f:2: jitter takes a number from 0 to 50, not \"51\"" },
	{ "again, later than at most", "[monitor]\nagain-after = 2h\n",
	  "f:2: again-after is longer than backoff-max" },
	{ "at most sooner than again", "[monitor]\nbackoff-max = 1m\n",
	  "f:1: again-after is longer than backoff-max" },
	{ "a CA without encryption", "[certs]\nca = http://ca.example/dir\n",
	  "f:2: ca takes a URL that begins with https://" },
	{ "too many CAs", "[certs]\nca = https://a.example/\n"
	  "ca = https://b.example/\nca = https://c.example/\n"
	  "ca = https://d.example/\nca = https://e.example/\n",
	  "f:6: ca stands here more than 4 times" },
	{ "half a binding", "[certs]\neab-kid = x\n",
	  "f:2: eab-kid and eab-key-file belong together" },
	{ "certificates from nowhere",
	  "[daemon]\nroles = certs\n[certs]\nagree = on\n" SERVICE,
	  "f:2: the role certs needs a ca in [certs]" },
	{ "terms that nobody agreed to",
	  "[daemon]\nroles = certs\n[certs]\nca = https://ca.example/dir\n"
	  SERVICE,
	  "f:2: the role certs needs agree = on in [certs], which says that "
	  "you agree to the terms of its CAs" },
	{ "no link", "[notify]\nlink = mtasts.example\n",
	  "f:2: link takes a URL such as https://HOST/..." },

	{ "a channel without a name", "[channel]\ntype = syslog\n",
	  "f:1: a channel has a name of at most 64 letters, digits and "
	  "\"-_.\": [channel NAME]" },
	{ "a name with a space", "[channel a b]\ntype = syslog\n",
	  "f:1: a channel has a name of at most 64 letters, digits and "
	  "\"-_.\": [channel NAME]" },
	{ "a channel twice", CHANNEL("syslog") CHANNEL("syslog"),
	  "f:3: the channel ops stands in line 1 already" },
	{ "no type", "[channel ops]\nseverity = info\n",
	  "f:1: the channel ops has no type" },
	{ "an unknown type", CHANNEL("pigeon"),
	  "f:2: type takes mail, sendmail, webhook, chat, command or syslog, "
	  "not \"pigeon\"" },
	{ "an unknown severity", CHANNEL("syslog") "severity = fatal\n",
	  "f:3: severity takes info, warning or error, not \"fatal\"" },
	{ "an unknown event", CHANNEL("syslog") "events = opened closed\n",
	  "f:3: events takes some of opened, worsened, resolved, reminder, "
	  "changed or advice, not \"opened closed\"" },
	{ "a digest is no event", CHANNEL("syslog") "events = digest\n",
	  "f:3: events takes some of opened, worsened, resolved, reminder, "
	  "changed or advice, not \"digest\"" },
	{ "no time of day", CHANNEL("syslog") "digest = 24:00\n",
	  "f:3: digest takes a time of day as HH:MM, or never, not "
	  "\"24:00\"" },
	{ "too often", CHANNEL("syslog") "reminder = 1s\n",
	  "f:3: reminder takes a time from 1m to 30d, or never, not \"1s\"" },
	{ "mail without a server", MAIL_TO,
	  "f:1: the channel ops of type mail needs server" },
	{ "what is of another type", MAIL "url = https://h.example/\n",
	  "f:6: url does not belong to a channel of type mail" },
	{ "a user without a password", MAIL "user = ops\n",
	  "f:1: the channel ops needs user and password-file, or neither" },
	{ "no mailbox", CHANNEL("mail") "to = ops\n",
	  "f:1: the channel ops of type mail needs from" },
	{ "no address", CHANNEL("sendmail") "to = <a@example.com>\n",
	  "f:1: the channel ops of type sendmail needs from" },
	{ "no server", MAIL_TO "server = mx.example.com\n",
	  "f:5: server takes smtp://HOST[:PORT] or smtps://HOST[:PORT]" },
	{ "a server's bad port", MAIL_TO "server = smtps://[2001:db8::1]:x\n",
	  "f:5: server takes smtp://HOST[:PORT] or smtps://HOST[:PORT]" },
	{ "a webhook without a place", CHANNEL("webhook"),
	  "f:1: the channel ops of type webhook needs url" },
	{ "a URL without a host", CHANNEL("chat") "url = https:///x\n",
	  "f:3: url takes a URL such as https://HOST/..." },
	{ "a command with arguments", CHANNEL("command")
	  "command = /bin/echo hello\n",
	  "f:3: command names \"/bin/echo hello\", which cannot be executed: "
	  "No such file or directory" },
	{ "a default that is not there", CHANNEL("sendmail")
	  "to = a@example.com\nfrom = b@example.com\nsendmail = /no/such\n",
	  "f:5: sendmail names \"/no/such\", which cannot be executed: No "
	  "such file or directory" },
	{ "no facility", CHANNEL("syslog") "facility = local8\n",
	  "f:3: facility takes daemon, mail, user, local0, local1, local2, "
	  "local3, local4, local5, local6 or local7, not \"local8\"" },
};
/* clang-format on */

static enum err
parse(struct span text, struct arena *a, struct config *c,
    struct config_faults *f)
{
	struct error e;

	return config_parse("f", text, a, c, f, &e);
}

static void
test_faults(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(faults); i++) {
		struct config_faults f;
		struct config c;
		struct arena a;
		const char *got = "no fault";

		t.label = faults[i].label;
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		want_int(&t, "status",
		    parse(span_str(faults[i].text), &a, &c, &f), ERR_OK);
		if (f.n > 0)
			got = f.all[0].text;
		want_span(&t, "fault", span_str(got), span_str(faults[i].want));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* All faults of a file, in the order of its lines. */
static void
test_all_faults(void **state)
{
	static const char text[] = "[daemon]\n"
				   "nonsense\n"
				   "[channel ops]\n"
				   "url = x\n"
				   "type = mail\n"
				   "[elsewhere]\n"
				   "passed = over\n";
	static const unsigned want[] = { 2, 3, 3, 3, 4, 4, 6 };
	struct tally t = { .label = "all faults" };
	struct config_faults f;
	struct config c;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CONFIG_MEMORY);
	assert_int_equal(parse(span_str(text), &a, &c, &f), ERR_OK);
	want_size(&t, "faults", f.n, ROWS(want));
	for (size_t i = 0; i < f.n && i < ROWS(want); i++)
		want_int(&t, f.all[i].text, f.all[i].line, want[i]);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_defaults(void **state)
{
	struct tally t = { .label = "defaults" };
	struct config_faults f;
	struct config c;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CONFIG_MEMORY);
	assert_int_equal(
	    parse(
		SPAN("# nothing\n[channel log]\ntype = syslog\n"), &a, &c, &f),
	    ERR_OK);
	assert_int_equal(f.n, 0);
	assert_string_equal(c.store, "/var/lib/mtasts/mtasts.db");
	want_int(&t, "roles", c.roles, 1 << ROLE_MONITOR | 1 << ROLE_NOTIFY);
	want_bool(&t, "sandbox", c.sandbox, true);
	want_int(&t, "log", c.log, LOG_TO_STDERR);
	assert_memory_equal(&c.cadence, &cadence_default, sizeof c.cadence);
	assert_null(c.user);
	assert_null(c.link);
	want_size(&t, "resolvers", c.resolvers.n, 0);
	want_size(&t, "channels", c.n_channels, 1);
	assert_string_equal(c.channels[0].name, "log");
	assert_string_equal(c.channels[0].facility, "daemon");
	assert_null(c.channels[0].sendmail);
	want_int(&t, "line", c.channels[0].line, 2);
	want_int(&t, "severity", c.channels[0].severity, SEVERITY_WARNING);
	want_int(&t, "events", c.channels[0].kinds, (1 << NEWS_DIGEST) - 1);
	want_int(&t, "digest", c.channels[0].digest_at, -1);
	want_int(&t, "reminder", (int64_t)c.channels[0].reminder_s, 86400);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_values(void **state)
{
	static const char text[] =
	    "[daemon]\n"
	    "  store = postgresql://db.example/mtasts?sslmode=verify-full\n"
	    "roles=notify\n"
	    "sandbox = off # for now\n"
	    "log = syslog\n"
	    "[network]\n"
	    "resolver = 192.0.2.1\n"
	    "resolver = 2001:db8::1@5353\n"
	    "resolver = 192.0.2.3\n"
	    "allow-net = 192.0.2.0/24\n"
	    "allow-net = 2001:db8::/32\n"
	    "user-agent = a#b = c\n"
	    "[monitor]\n"
	    "hosts-every = 2h\n"
	    "jitter = 0\n"
	    "[channel mail-1]\n"
	    "reminder = never\n"
	    "digest = 07:30\n"
	    "to = a@example.com\n"
	    "to = b@example.com\n"
	    "from = c@example.com\n"
	    "server = smtps://[2001:db8::25]:465\n"
	    "severity = error\n"
	    "events = opened,resolved\n"
	    "tag = customer one\n"
	    "type = mail\n"
	    "[channel hook]\n"
	    "type = webhook\n"
	    "url = https://hooks.example:8443/a?b=c#d\n";
	struct tally t = { .label = "values" };
	const struct channel_config *m;
	struct config_faults f;
	struct config c;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CONFIG_MEMORY);
	assert_int_equal(parse(span_str(text), &a, &c, &f), ERR_OK);
	if (f.n > 0)
		fail_msg("%s", f.all[0].text);
	assert_string_equal(
	    c.store, "postgresql://db.example/mtasts?sslmode=verify-full");
	want_int(&t, "roles", c.roles, 1 << ROLE_NOTIFY);
	want_bool(&t, "sandbox", c.sandbox, false);
	want_int(&t, "log", c.log, LOG_TO_SYSLOG);
	want_size(&t, "resolvers", c.resolvers.n, 3);
	assert_string_equal(c.resolvers.items[1], "2001:db8::1@5353");
	assert_string_equal(c.resolvers.items[2], "192.0.2.3");
	want_size(&t, "prefixes", c.allow_net.n, 2);
	want_int(&t, "prefix", c.allow_net.all[1].len, 32);
	assert_string_equal(c.user_agent, "a#b = c");
	want_int(&t, "hosts", c.cadence.host_every_s, 7200);
	want_int(&t, "jitter", c.cadence.jitter_percent, 0);
	m = config_channel(&c, "mail-1");
	assert_non_null(m);
	want_int(&t, "reminder", (int64_t)m->reminder_s, 0);
	want_int(&t, "digest", m->digest_at, 7 * 60 + 30);
	want_size(&t, "to", m->to.n, 2);
	assert_string_equal(m->to.items[1], "b@example.com");
	assert_string_equal(m->server, "smtps://[2001:db8::25]:465");
	want_int(&t, "severity", m->severity, SEVERITY_ERROR);
	want_int(&t, "events", m->kinds, 1 << NEWS_OPENED | 1 << NEWS_RESOLVED);
	assert_string_equal(m->tags.items[0], "customer one");
	assert_non_null(config_channel(&c, "hook"));
	assert_null(config_channel(&c, "none"));
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* A line as long as may be, and one that is a byte longer: it is told, and
 * nothing of it is used. */
static void
test_long_line(void **state)
{
	static const char head[] = "[network]\n", key[] = "user-agent = ";

	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		char text[sizeof head + LIMIT_CONFIG_LINE + 2];
		size_t n = sizeof head - 1 + LIMIT_CONFIG_LINE + over;
		struct config_faults f;
		struct config c;
		struct arena a;

		memset(text, 'x', sizeof text);
		memcpy(text, head, sizeof head - 1);
		memcpy(text + sizeof head - 1, key, sizeof key - 1);
		text[n] = '\n';
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		assert_int_equal(
		    parse((struct span){ text, n + 1 }, &a, &c, &f), ERR_OK);
		assert_int_equal(f.n, over);
		if (over)
			assert_string_equal(
			    f.all[0].text, "f:2: the line is too long");
		else
			assert_int_equal(strlen(c.user_agent),
			    LIMIT_CONFIG_LINE - sizeof key + 1);
		arena_release(&a);
	}
}

/* Bytes of every value, in no order that means anything; and lines that each
 * are a fault. It ends, within its memory, and says so. */
static void
test_garbage(void **state)
{
	enum { N = 256 * 1024 };
	char *text = test_malloc(N);
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct config_faults f;
		struct config c;
		struct arena a;

		for (size_t i = 0; i < N; i++) {
			x = x * 1664525 + 1013904223;
			text[i] = round == 0 ? (char)(x >> 24) : "a\n"[i % 2];
		}
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		assert_int_equal(
		    parse((struct span){ text, N }, &a, &c, &f), ERR_OK);
		assert_int_equal(f.n, LIMIT_CONFIG_FAULTS);
		arena_release(&a);
	}
	test_free(text);
}

static void
parse_over(struct arena *a, const void *text)
{
	struct config_faults f;
	struct config c;
	enum err rc = parse(span_str(text), a, &c, &f);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(parse_over,
	    MAIL "tag = a\ntag = b\ntag = c\n[network]\nallow-net = ::/0\n"
		 "resolver = ::1\n[daemon]\nx = y\nuser = root\n");
}

static void
test_read(void **state)
{
	char path[] = "/tmp/test_config.XXXXXX";
	static const char text[] = "[daemon]\ndrain = x\ndrain = y\n";
	struct error e = { 0 };
	struct config c;
	struct arena a;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	arena_init(&a, LIMIT_CONFIG_MEMORY);
	assert_int_equal(config_read(path, &a, &c, &e), ERR_DATA);
	assert_non_null(strstr(e.text, ":2: drain takes a time"));
	assert_memory_equal(e.text, path, strlen(path));
	unlink(path);
	assert_int_equal(config_read(path, &a, &c, &e), ERR_NO_INPUT);
	assert_non_null(strstr(e.text, "No such file"));
	arena_release(&a);
}

/* Each default is a value of its own key. */
static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < config_rows_n; i++) {
		const struct config_row *row = &config_rows[i];
		union {
			struct config config;
			struct channel_config channel;
		} dest = { 0 };
		struct arena a;

		t.label = row->key;
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		want_bool(&t, "has help", strlen(row->help) > 5, true);
		if (row->value != NULL && row->kind != CONFIG_PROGRAM)
			want_bool(&t, "default is good",
			    config_value(
				row, span_str(row->value), &a, &dest) == NULL,
			    true);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static const struct {
	const char *label, *text;
	size_t listens;
	const char *listen, *origin; /* the first one */
} webs[] = {
	{ "nothing said", "", 1, "127.0.0.1@8080", "http://127.0.0.1:8080" },
	{ "a port of its own", "listen = 127.0.0.1@9090\nlisten = ::1@9090\n", 2, "127.0.0.1@9090",
	  "http://127.0.0.1:9090" },
	{ "another loopback", "listen = 127.8.9.1\n", 1, "127.8.9.1", "http://127.8.9.1:8080" },
	{ "IPv6", "listen = ::1@80\n", 1, "::1@80", "http://[::1]" },
	{ "as browsers say it", "origin = https://STS.example.NET:443/\nproxy = 192.0.2.0/24\n", 1,
	  "127.0.0.1@8080", "https://sts.example.net" },
	{ "a port that goes with the other scheme", "origin = https://a.example:80\nproxy = ::1\n", 1,
	  "127.0.0.1@8080", "https://a.example:80" },
	{ "at the wildcard with a proxy", "listen = 0.0.0.0\norigin = https://a.example\nproxy = ::1\n", 1,
	  "0.0.0.0", "https://a.example" },
	{ "with TLS", "listen = 192.0.2.1@443\norigin = https://a.example\ncertificate = /etc/passwd\n"
	  "key = /etc/passwd\n", 1, "192.0.2.1@443", "https://a.example" },
};
/* clang-format on */

static void
test_web(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(webs); i++) {
		struct config_faults f;
		struct config c;
		struct arena a;
		struct span text;

		t.label = webs[i].label;
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		text = arena_printf(&a, "[web]\n%s", webs[i].text);
		assert_int_equal(parse(text, &a, &c, &f), ERR_OK);
		want_size(&t, "faults", f.n, 0);
		want_size(&t, "listens", c.web_listen.n, webs[i].listens);
		want_span(&t, "listen", span_str(c.web_listen.items[0]),
		    span_str(webs[i].listen));
		want_span(
		    &t, "origin", span_str(c.origin), span_str(webs[i].origin));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_web),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
