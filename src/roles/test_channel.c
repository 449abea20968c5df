/* What each type of channel hands over. */
#include "roles/channel.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/test_table.h"

struct world {
	struct config config;
	struct channel_config own;
	struct arena a;
	char dir[64];
};

static const struct message message = {
	.id = SPAN_INIT("incident.12.1800000000"),
	.thread = SPAN_INIT(""),
	.severity = SEVERITY_ERROR,
	.at = { 1800000000 },
	.subject = SPAN_INIT("LOSS example.com: x"),
	.brief = SPAN_INIT("LOSS example.com: \"x\"\nRenew it."),
	.text = SPAN_INIT("x\n.\ny\n"),
	.json = SPAN_INIT("{\"id\":1}"),
	.facts = { { "KIND", SPAN_INIT("opened") },
	    { "MESSAGE", SPAN_INIT("$(rm -rf x); `x`") } },
	.n_facts = 2,
};

static int
setup(void **state)
{
	struct world *w = test_calloc(1, sizeof *w);

	snprintf(w->dir, sizeof w->dir, "/tmp/test_channel.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 1024 * 1024);
	w->own.name = "name";
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "program", "out", "socket" };
	struct world *w = *state;

	for (size_t i = 0; i < ROWS(names); i++)
		unlink(arena_printf(&w->a, "%s/%s", w->dir, names[i]).p);
	rmdir(w->dir);
	arena_release(&w->a);
	test_free(w);
	return 0;
}

/* A program that writes down what it was given. */
static const char *
make_program(struct world *w)
{
	const char *path = arena_printf(&w->a, "%s/program", w->dir).p;
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fprintf(f,
	    "#!/bin/sh\nexec >%s/out\nfor a; do echo \"arg $a\"; done\n"
	    "env | grep ^MTASTS | sort\ncat\n",
	    w->dir);
	fclose(f);
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

static struct span
read_out(struct world *w)
{
	FILE *f = fopen(arena_printf(&w->a, "%s/out", w->dir).p, "re");
	char *p = arena_alloc(&w->a, 4096);
	size_t n;

	assert_non_null(f);
	assert_non_null(p);
	n = fread(p, 1, 4096, f);
	fclose(f);
	return (struct span){ p, n };
}

static void
deliver(struct world *w, const char *socket)
{
	struct channel c;
	struct delivered d;

	assert_int_equal(
	    channel_init(&c, &w->config, &w->own, &clock_system, NULL, NULL),
	    ERR_OK);
	c.syslog_socket = socket;
	channel_deliver(&c, &message, &w->a, &d);
	if (d.delivery != DELIVERY_DELIVERED)
		printf("# %s\n", d.reason);
	assert_int_equal(d.delivery, DELIVERY_DELIVERED);
	channel_release(&c);
}

static void
test_command(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "command" };

	w->own.type = CHANNEL_COMMAND;
	w->own.command = make_program(w);
	deliver(w, NULL);
	want_span(&t, "given", read_out(w),
	    SPAN("MTASTS_KIND=opened\nMTASTS_MESSAGE=$(rm -rf x); `x`\n"
		 "{\"id\":1}"));
	assert_int_equal(t.failed, 0);
}

static void
test_sendmail(void **state)
{
	static const char *to[] = { "a@example.com", "b@example.com" };
	struct world *w = *state;
	struct tally t = { .label = "sendmail" };
	struct span out;

	w->own.type = CHANNEL_SENDMAIL;
	w->own.sendmail = make_program(w);
	w->own.from = "mtasts@example.org";
	w->own.to = (struct config_list){ to, 2 };
	deliver(w, NULL);
	out = read_out(w);
	want_bool(&t, "arguments",
	    span_starts(
		out, SPAN("arg -oi\narg -f\narg mtasts@example.org\narg --\n"
			  "arg a@example.com\narg b@example.com\n"
			  "From: mtasts <mtasts@example.org>\n")),
	    true);
	want_span(&t, "body", span_tail(out, 7), SPAN("\nx\n.\ny\n"));
	want_bool(&t, "CR", memchr(out.p, '\r', out.n) != NULL, false);
	assert_int_equal(t.failed, 0);
}

static void
test_syslog(void **state)
{
	struct world *w = *state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct tally t = { .label = "syslog" };
	char line[256];
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", w->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	w->own.type = CHANNEL_SYSLOG;
	w->own.facility = "mail";
	deliver(w, at.sun_path);
	n = recv(fd, line, sizeof line, MSG_DONTWAIT);
	close(fd);
	assert_true(n > 0);
	want_span(&t, "line", (struct span){ line, (size_t)n },
	    SPAN("<19>mtasts: LOSS example.com: \"x\" - Renew it."));
	assert_int_equal(t.failed, 0);
}

/* A file of authorities that is not there: the channel cannot be had. */
static void
test_ca_file(void **state)
{
	struct world *w = *state;
	struct channel c;
	struct error e;

	w->own.ca_file = "/nonexistent/ca.pem";
	assert_int_equal(
	    channel_init(&c, &w->config, &w->own, &clock_system, NULL, &e),
	    ERR_NO_INPUT);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_command),
		RUN(test_sendmail),
		RUN(test_syslog),
		RUN(test_ca_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
