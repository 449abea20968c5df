#include "store/publish_state.h"

enum {
	/* An edge is heard of several times a second; a minute is the daemon's
	 * default for one that is gone ([publish] edge-lease). */
	EDGE_HEARD_S = 60,
};

static enum err
load_sight(struct store *s, struct publish_state *out, struct arena *a,
    struct error *e)
{
	struct span text;
	bool stepped;
	enum err rc = publication_get_sight(
	    s, out->p.domain, a, &text, &stepped, &out->has_sight, e);

	if (rc != ERR_OK || !out->has_sight)
		return rc;
	rc = publish_sight_read(text, a, &out->sight);
	return error_plain(e, rc);
}

enum err
publish_state_load(struct store *s, const struct published *p,
    const struct ledger *l, struct wall_time now, struct arena *a,
    struct publish_state *out, struct error *e)
{
	const struct wall_time since = { now.s - EDGE_HEARD_S };
	enum err rc;

	*out = (struct publish_state){ .p = *p,
		.txt_cname = l->txt_cname,
		.host_cname = l->host_cname,
		.now = now };
	rc = load_sight(s, out, a, e);
	if (rc == ERR_OK)
		rc = served_label(
		    s, p->label, a, &out->served, &out->is_served, e);
	if (rc == ERR_OK)
		rc = edges_alive(s, since, &out->edges, e);
	return rc;
}
