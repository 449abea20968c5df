/* mtastsd - watches a portfolio of domains. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "io/read_file.h"
#include "out/option.h"
#include "roles/channel_try.h"
#include "roles/config_keys.h"
#include "roles/role_process.h"
#include "roles/roster.h"
#include "roles/sockets.h"
#include "roles/supervisor.h"
#include "version.h"

struct options {
	const char *config, *role, *test_channel;
	uint64_t instance;
	bool check, keys, version;
};

static const struct option_row rows[] = {
	{ .name = "config",
	    .letter = 'c',
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, config),
	    .argument = "FILE",
	    .help = "The configuration; \"-\" is standard input. Default: "
		    "/etc/mtasts/mtastsd.conf." },
	{ .name = "check",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, check),
	    .help = "Say what is wrong with the configuration, and end." },
	{ .name = "keys",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, keys),
	    .help = "Print every key of the configuration with its default, "
		    "as the beginning of a file, and end." },
	{ .name = "role",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, role),
	    .argument = "NAME",
	    .help = "Be a process of this one role: monitor, notify, publish, "
		    "certs, edge or web." },
	{ .name = "instance",
	    .kind = OPTION_NUMBER,
	    .at = offsetof(struct options, instance),
	    .argument = "NUMBER",
	    .max = ROSTER_INSTANCES - 1,
	    .help = "Which of the role's processes this is. Default: 0." },
	{ .name = "test-channel",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, test_channel),
	    .argument = "NAME",
	    .help = "Send a test to this channel, say whether it was "
		    "delivered, and end." },
	{ .name = "version",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, version),
	    .help = "Say which version this is, and end." },
	{ 0 },
};

static int
usage(const char *sentence, const char *what)
{
	fprintf(stderr,
	    "mtastsd: %s%s\nusage: mtastsd [-c FILE] [--check] [--keys] "
	    "[--role NAME [--instance NUMBER]] [--test-channel NAME] "
	    "[--version]\n",
	    sentence, what);
	return err_exit_status(ERR_USAGE);
}

/* Every fault on a line of its own. */
static int
check(const char *path)
{
	struct config_faults faults = { 0 };
	struct config config;
	struct span text;
	struct arena a;
	struct error e;
	enum err rc;

	arena_init(&a, LIMIT_CONFIG_MEMORY);
	rc = read_file(path, LIMIT_CONFIG_FILE, &a, &text, &e);
	if (rc == ERR_OK)
		rc = config_parse(path, text, &a, &config, &faults, &e);
	if (rc == ERR_OK && faults.n == 0)
		rc = sockets_check_certificate(&config, &a, &e);
	if (rc != ERR_OK)
		fprintf(stderr, "mtastsd: %s\n", e.text);
	for (size_t i = 0; i < faults.n; i++)
		fprintf(stderr, "%s\n", faults.all[i].text);
	if (faults.n > 0)
		rc = ERR_DATA;
	arena_release(&a);
	return err_exit_status(rc);
}

static int
be_role(const struct options *o)
{
	for (int i = 0; i < ROLES; i++)
		if (strcmp(role_names[i], o->role) == 0)
			return role_process((enum role_id)i,
			    (unsigned)o->instance, o->config, &clock_system);
	return usage("there is no role ", o->role);
}

static int
run(const struct options *o)
{
	if (o->version) {
		printf("mtastsd %s\n", MTASTS_VERSION_TEXT);
		return 0;
	}
	if (o->keys) {
		config_print_keys(stdout);
		return 0;
	}
	if (o->check)
		return check(o->config);
	if (o->test_channel != NULL)
		return channel_try(o->config, o->test_channel, &clock_system);
	if (o->role != NULL)
		return be_role(o);
	return supervise(o->config, &clock_system);
}

int
main(int argc, char **argv)
{
	struct options o = { .config = "/etc/mtasts/mtastsd.conf" };
	struct option_parse p;
	struct error e;
	int status;

	if (option_parse(rows, argc, argv, &o, &p, &e) != ERR_OK) {
		status = usage(e.text, "");
	} else if (p.help) {
		puts("usage: mtastsd [OPTIONS]\n\n"
		     "  watches the domains of a portfolio, and tells what "
		     "happens to them\n");
		option_help(rows, stdout);
		puts("\nSee also \"man mtastsd\" and \"man mtastsd.conf\".");
		status = 0;
	} else if (p.n_operands > 0) {
		status = usage("takes no operands, such as ", p.operands[0]);
	} else {
		status = run(&o);
	}
	option_parse_release(&p);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("mtastsd: cannot write the output");
		return err_exit_status(ERR_CANT_CREATE);
	}
	return status;
}
