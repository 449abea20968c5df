/* issue - obtains certificates from a CA, for the tests in the lab and for
 * bench/acme: the library of src/io/acme_*.h with files in the place of the
 * store.
 *
 *	issue --directory URL --answers DIR [--threads N] [--count N]
 *	    [--out DIR] [--state FILE] [--die-in STATE] [--eab KID:KEY]
 *	    [--caa NAME] [--renew] [--seconds N] NAME...
 *
 * Without --count there is one order for all of the names; with it there are
 * that many, for n1.NAME, n2.NAME and so on. Several --directory are CAs in
 * order of preference. Prints one line of JSON an order, and ends with 1 if one
 * is not done. What a web server at the names' port 80 is to answer is in DIR,
 * in files that are called NAME.TOKEN. --state keeps the order, and its key, in
 * files between two runs; --caa looks at CAA before, and says what the CA is
 * called there; --die-in ends the process right behind the moment at
 * which that state was saved. */
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "base/num.h"
#include "io/acme_csr.h"
#include "io/acme_jws.h"
#include "io/acme_order.h"
#include "io/acme_saved.h"
#include "io/caa_lookup.h"
#include "io/read_file.h"

enum { THREADS_MAX = 64, PATH_MAX_TEXT = 512 };

struct job {
	const char *directories[ACME_CAS_MAX];
	unsigned n_cas;
	const char *answers, *out, *state, *die_in;
	char **names;
	size_t n_names;
	unsigned count, threads; /* count 0: one order for all names */
	int64_t seconds;
	bool renew;
	const char *caa; /* NULL: not looked at */
	struct span eab_kid, eab_key;

	EVP_PKEY *account;
	struct trust_store *trust;
	struct resolver *resolver;
	pthread_mutex_t output;
	atomic_uint next;
	atomic_uint not_done;
};

static void
die(const char *what, const struct error *e)
{
	fprintf(stderr, "issue: %s: %s\n", what, e != NULL ? e->text : "");
	exit(70);
}

/* ---- files in the place of the store ---- */

static void
write_file(const char *path, struct span s)
{
	char next[PATH_MAX_TEXT + 8];
	FILE *f;

	/* Two orders may write the same one; each its own, then. */
	snprintf(next, sizeof next, "%s.%ld", path, (long)gettid());
	f = fopen(next, "we");
	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0 ||
	    rename(next, path) != 0) {
		fprintf(stderr, "issue: %s: %s\n", path, strerror(errno));
		exit(70);
	}
}

static void
path_of(char path[PATH_MAX_TEXT], const char *dir, struct span a, struct span b)
{
	snprintf(path, PATH_MAX_TEXT, "%s/%.*s.%.*s", dir, (int)a.n, a.p,
	    (int)b.n, b.p);
}

static enum err
show(void *arg, const struct acme_answer *answers, size_t n, struct error *e)
{
	const struct job *j = arg;
	char path[PATH_MAX_TEXT];

	(void)e;
	for (size_t i = 0; i < n; i++) {
		path_of(path, j->answers, answers[i].name, answers[i].token);
		write_file(path, answers[i].text);
	}
	return ERR_OK;
}

/* The files are left: a token is never used again. */
static void
hide(void *arg, const struct acme_order *o)
{
	(void)arg;
	(void)o;
}

static enum err
save(void *arg, const struct acme_order *o, struct error *e)
{
	const struct job *j = arg;
	const char *state = acme_state_names[o->plan.state];
	char path[PATH_MAX_TEXT];
	struct arena a;
	struct span text;
	enum err rc;

	if (j->state == NULL)
		return ERR_OK;
	arena_init(&a, LIMIT_ACME_MEMORY);
	rc = acme_saved_write(o, &a, &text);
	if (rc == ERR_OK) {
		path_of(path, j->state, SPAN("order"), SPAN("key"));
		write_file(path, o->key);
		path_of(path, j->state, SPAN("order"), SPAN("json"));
		write_file(path, text);
	}
	arena_release(&a);
	if (j->die_in != NULL && strcmp(j->die_in, state) == 0 &&
	    (o->plan.state != ACME_WANTED || o->url.n == 0))
		_exit(9);
	return rc == ERR_OK ? ERR_OK : error_set(e, rc, "cannot save");
}

static bool
load(const struct job *j, struct acme_order *o, struct arena *a)
{
	char path[PATH_MAX_TEXT];
	struct span text, key;
	struct error e;

	if (j->state == NULL)
		return false;
	path_of(path, j->state, SPAN("order"), SPAN("json"));
	if (read_file(path, LIMIT_ACME_MEMORY, a, &text, &e) != ERR_OK)
		return false;
	path_of(path, j->state, SPAN("order"), SPAN("key"));
	if (read_file(path, LIMIT_KEY_FILE, a, &key, &e) != ERR_OK ||
	    acme_saved_read(text, key, a, o, &e) != ERR_OK)
		die("the saved order", &e);
	return true;
}

static bool
may_ask(void *arg, const struct acme_order *o, struct acme_client *ca,
    struct arena *a, struct span *why)
{
	const struct job *j = arg;

	if (j->caa == NULL)
		return true;
	return caa_lookup_order(j->resolver, o, ca,
	    mono_after_ms(clock_mono(&clock_system), 10000), a, why);
}

/* ---- one order ---- */

static void
tell(struct job *j, const struct acme_order *o)
{
	json_t *names = json_array(), *line;
	struct wall_time now = clock_wall(&clock_system);

	for (size_t i = 0; i < o->n_names; i++)
		json_array_append_new(names,
		    json_stringn(o->names[i].name.p, o->names[i].name.n));
	line = json_pack("{s:o, s:s, s:s, s:s%, s:s%, s:s%, s:i, s:i, s:I}",
	    "names", names, "state", acme_state_names[o->plan.state], "failure",
	    acme_failure_names[o->failure], "why", o->why.p, o->why.n,
	    "problem", o->problem.text.p, o->problem.text.n, "replaces",
	    o->replaces.p, o->replaces.n, "ca", o->plan.ca, "parts",
	    (int)o->problem.n_parts, "wait_s",
	    (json_int_t)(o->plan.next.s - now.s));
	pthread_mutex_lock(&j->output);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&j->output);
	json_decref(line);
}

static void
keep_certificate(const struct job *j, const struct acme_order *o)
{
	char path[PATH_MAX_TEXT];

	if (j->out == NULL || o->plan.state != ACME_DONE)
		return;
	path_of(path, j->out, o->names[0].name, SPAN("pem"));
	write_file(path, o->chain);
	path_of(path, j->out, o->names[0].name, SPAN("key"));
	write_file(path, o->key);
}

static void
obtain(struct job *j, const struct acme_env *env, const struct span *names,
    size_t n)
{
	struct mono_time deadline =
	    mono_after_ms(clock_mono(&clock_system), j->seconds * 1000);
	struct acme_order o;
	struct error e = { .text = "" };
	struct arena a;
	enum err rc = ERR_OK;

	arena_init(&a, LIMIT_ACME_MEMORY);
	if (!load(j, &o, &a))
		rc = acme_order_init(&o, names, n, &a, &e);
	if (rc == ERR_OK && j->renew && o.plan.state == ACME_DONE)
		rc = acme_order_renew(&o, clock_wall(&clock_system), &a, &e);
	if (rc == ERR_OK)
		rc = acme_order_run(&o, env, deadline, &a, &e);
	if (rc != ERR_OK)
		die("an order", &e);
	tell(j, &o);
	keep_certificate(j, &o);
	if (o.plan.state != ACME_DONE)
		atomic_fetch_add(&j->not_done, 1);
	acme_order_wipe(&o);
	arena_release(&a);
}

/* ---- threads ---- */

static struct acme_client *
client(const struct job *j, const char *directory)
{
	static const char *const contact = "hostmaster@example.com";
	struct acme_client_options o = {
		.trust = j->trust,
		.user_agent = "mtasts/test",
		.limit_ms = LIMIT_ACME_MS,
		.directory = directory,
		.key = j->account,
		.contacts = &contact,
		.n_contacts = 1,
		.terms_agreed = true,
		.caa = j->caa,
		.eab_kid = j->eab_kid,
		.eab_key = j->eab_key,
	};
	struct acme_client *c;
	struct error e;

	if (acme_client_new(&o, &c, &e) != ERR_OK)
		die("a client", &e);
	return c;
}

static void
work(struct job *j, const struct acme_env *env)
{
	struct span names[LIMIT_ACME_NAMES];
	unsigned i;

	while ((i = atomic_fetch_add(&j->next, 1)) <
	       (j->count > 0 ? j->count : 1)) {
		char text[LIMIT_ACME_NAMES][300];

		for (size_t k = 0; k < j->n_names; k++) {
			snprintf(text[k], sizeof text[k], "n%u.%s", i + 1,
			    j->names[k]);
			names[k] =
			    span_str(j->count > 0 ? text[k] : j->names[k]);
		}
		obtain(j, env, names, j->n_names);
	}
}

static void *
thread_main(void *arg)
{
	struct job *j = arg;
	struct acme_client *cas[ACME_CAS_MAX];
	const struct acme_hooks hooks = { .arg = j,
		.show = show,
		.hide = hide,
		.save = save,
		.may_ask = may_ask };
	const struct acme_env env = { .cas = cas,
		.n_cas = j->n_cas,
		.hooks = &hooks,
		.clock = &clock_system,
		.random = &randomness_system };

	for (unsigned i = 0; i < j->n_cas; i++)
		cas[i] = client(j, j->directories[i]);
	work(j, &env);
	for (unsigned i = 0; i < j->n_cas; i++)
		acme_client_free(cas[i]);
	return NULL;
}

static void
run(struct job *j)
{
	pthread_t threads[THREADS_MAX];

	for (unsigned i = 0; i < j->threads; i++)
		if (pthread_create(&threads[i], NULL, thread_main, j) != 0)
			die("no thread", NULL);
	for (unsigned i = 0; i < j->threads; i++)
		pthread_join(threads[i], NULL);
}

/* ---- the command ---- */

static unsigned
number(const char *text, unsigned max)
{
	uint64_t n;

	if (!num_parse(span_str(text), max, &n)) {
		fprintf(
		    stderr, "issue: not a number up to %u: %s\n", max, text);
		exit(64);
	}
	return (unsigned)n;
}

static void
read_eab(struct job *j, const char *text, struct arena *a)
{
	struct span s = span_str(text);
	size_t colon = span_find(s, ':');

	j->eab_kid = span_head(s, colon);
	if (!base64url_decode(a, span_skip(s, colon + 1), &j->eab_key)) {
		fprintf(stderr, "issue: not KID:KEY: %s\n", text);
		exit(64);
	}
}

static void
read_options(struct job *j, int argc, char **argv, struct arena *a)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "answers", required_argument, NULL, 'a' },
		{ "out", required_argument, NULL, 'o' },
		{ "state", required_argument, NULL, 's' },
		{ "die-in", required_argument, NULL, 'x' },
		{ "threads", required_argument, NULL, 't' },
		{ "count", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 'w' },
		{ "eab", required_argument, NULL, 'e' },
		{ "caa", required_argument, NULL, 'A' },
		{ "renew", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			if (j->n_cas < ACME_CAS_MAX)
				j->directories[j->n_cas++] = optarg;
			break;
		case 'a':
			j->answers = optarg;
			break;
		case 'o':
			j->out = optarg;
			break;
		case 's':
			j->state = optarg;
			break;
		case 'x':
			j->die_in = optarg;
			break;
		case 't':
			j->threads = number(optarg, THREADS_MAX);
			break;
		case 'c':
			j->count = number(optarg, 1000000);
			break;
		case 'w':
			j->seconds = number(optarg, 3600);
			break;
		case 'e':
			read_eab(j, optarg, a);
			break;
		case 'A':
			j->caa = optarg;
			break;
		case 'r':
			j->renew = true;
			break;
		default:
			exit(64);
		}
	}
	j->names = argv + optind;
	j->n_names = (size_t)(argc - optind);
	if (j->n_cas == 0 || j->answers == NULL || j->n_names == 0 ||
	    j->n_names > LIMIT_ACME_NAMES) {
		fprintf(stderr, "issue: --directory, --answers and names\n");
		exit(64);
	}
}

/* The account's key goes with the saved order. */
static void
take_account(struct job *j, struct arena *a)
{
	char path[PATH_MAX_TEXT];
	struct span der;
	struct error e;

	if (j->state != NULL) {
		path_of(path, j->state, SPAN("account"), SPAN("key"));
		if (read_file(path, LIMIT_KEY_FILE, a, &der, &e) == ERR_OK &&
		    acme_key_read(der, &j->account, &e) == ERR_OK)
			return;
	}
	if (acme_key_new(&j->account, &e) != ERR_OK ||
	    acme_key_write(j->account, a, &der, &e) != ERR_OK)
		die("the account's key", &e);
	if (j->state != NULL)
		write_file(path, der);
}

static void
tell_cost(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	fprintf(stderr, "cpu %.6f\n",
	    (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

int
main(int argc, char **argv)
{
	struct job j = { .threads = 1, .seconds = 60, .eab_kid = SPAN("") };
	struct resolver_options ro = { .clock = &clock_system,
		.timeout_ms = 5000 };
	struct arena a;
	struct error e;

	arena_init(&a, LIMIT_ACME_MEMORY);
	read_options(&j, argc, argv, &a);
	pthread_mutex_init(&j.output, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		die("libcurl", NULL);
	take_account(&j, &a);
	if (trust_store_new(NULL, &j.trust, &e) != ERR_OK ||
	    (j.caa != NULL && resolver_new(&ro, &j.resolver, &e) != ERR_OK))
		die("the beginning", &e);
	run(&j);
	tell_cost();
	resolver_free(j.resolver);
	trust_store_free(j.trust);
	EVP_PKEY_free(j.account);
	pthread_mutex_destroy(&j.output);
	arena_release(&a);
	curl_global_cleanup();
	return atomic_load(&j.not_done) > 0;
}
