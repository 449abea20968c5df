#include "roles/channel_try.h"

#include <stdio.h>

#include "base/limits.h"
#include "io/get.h"

static enum err
write_test(const struct config *c, const char *name, struct wall_time now,
    struct arena *a, struct message *out)
{
	struct message_env env = { now, c->link };
	struct message_news n = {
		.news = { .key = arena_printf(a, "test/%s", name),
		    .kind = NEWS_TEST,
		    .severity = SEVERITY_INFO,
		    .text = span_str(name) },
		.at = now,
		.domain = SPAN(""),
	};

	return message_of_news(&n, &env, a, out);
}

/* *out is what came of it, unless it could not be tried. */
static enum err
try(const struct config *config, const char *name, const struct clock *clock,
    struct arena *a, struct delivered *out, struct error *e)
{
	const struct channel_config *own = config_channel(config, name);
	struct channel c;
	struct message m;
	enum err err;

	if (own == NULL)
		return error_set(e, ERR_USAGE, "there is no channel %s", name);
	err = get_global_init();
	if (err == ERR_OK)
		err = write_test(config, name, clock_wall(clock), a, &m);
	if (err != ERR_OK)
		return error_plain(e, err);
	err = channel_init(&c, config, own, clock, NULL, e);
	if (err == ERR_OK)
		channel_deliver(&c, &m, a, out);
	channel_release(&c);
	return err;
}

int
channel_try(const char *path, const char *name, const struct clock *clock)
{
	struct config config;
	struct delivered d;
	struct arena a;
	struct error e;
	enum err err;

	arena_init(&a, LIMIT_CONFIG_MEMORY + LIMIT_MESSAGE_MEMORY);
	err = config_read(path, &a, &config, &e);
	if (err == ERR_OK)
		err = try(&config, name, clock, &a, &d, &e);
	arena_release(&a);
	if (err != ERR_OK) {
		fprintf(stderr, "mtastsd: %s\n", e.text);
		return err_exit_status(err);
	}
	if (d.delivery == DELIVERY_DELIVERED && d.reason[0] == '\0')
		printf("%s: delivered\n", name);
	else if (d.delivery == DELIVERY_DELIVERED)
		printf("%s: delivered, but %s\n", name, d.reason);
	else
		printf("%s: not delivered: %s\n", name, d.reason);
	return d.delivery != DELIVERY_DELIVERED;
}
