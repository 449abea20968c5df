#include "roles/web_channels.h"

/* "https://HOST[:PORT]": what comes behind it may let somebody in. A URL of the
 * configuration has no user in it. */
static struct span
place_of(const char *url, struct arena *a)
{
	struct span s = span_str(url);
	struct span scheme = span_head(s, span_find(s, ':'));
	struct span host = span_skip(s, scheme.n + 3);

	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] == '/' || host.p[i] == '?' || host.p[i] == '#')
			host.n = i;
	return arena_printf(
	    a, "%.*s://%.*s", (int)scheme.n, scheme.p, (int)host.n, host.p);
}

static struct span
mailboxes(const struct config_list *to, struct arena *a)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < to->n; i++)
		all = arena_printf(a, "%.*s%s%s", (int)all.n, all.p,
		    i > 0 ? ", " : "", to->items[i]);
	return all;
}

static struct span
whom(const struct channel_config *c, struct arena *a)
{
	switch (c->type) {
	case CHANNEL_MAIL:
	case CHANNEL_SENDMAIL:
		return mailboxes(&c->to, a);
	case CHANNEL_WEBHOOK:
	case CHANNEL_CHAT:
		return place_of(c->url, a);
	case CHANNEL_COMMAND:
		return span_str(c->command);
	case CHANNEL_SYSLOG:
		return span_str(c->facility);
	case CHANNEL_TYPES:
		break;
	}
	return SPAN("");
}

struct web_channel *
web_channels(const struct config *c, struct arena *a)
{
	struct web_channel *all = arena_array(a, c->n_channels, sizeof *all);

	for (size_t i = 0; all != NULL && i < c->n_channels; i++) {
		const struct channel_config *channel = &c->channels[i];

		all[i] = (struct web_channel){
			.name = span_str(channel->name),
			.type = span_str(channel_type_names[channel->type]),
			.to = whom(channel, a),
			.severity = span_str(severity_names[channel->severity]),
		};
	}
	return a->failed ? NULL : all;
}
