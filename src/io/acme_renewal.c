#include "io/acme_renewal.h"

#include "base/rfc3339.h"
#include "io/acme_json.h"

/* RFC 9773 4.2 */
static bool
read_window(struct span body, struct arena *a, struct renewal_window *out)
{
	json_t *d = acme_json_read(body);
	const json_t *w = json_object_get(d, "suggestedWindow");
	struct span start = acme_json_text(w, "start", a);
	struct span end = acme_json_text(w, "end", a);
	struct renewal_window read;
	bool good = rfc3339_parse(start, &read.start) &&
		    rfc3339_parse(end, &read.end) && read.start.s < read.end.s;

	json_decref(d);
	if (good)
		*out = read;
	return good;
}

enum err
acme_renewal_ask(struct acme_client *c, const struct acme_leaf *leaf,
    struct arena *a, struct renewal_window *window, int64_t *retry_s,
    struct acme_reply *out)
{
	struct span url;
	enum err e = acme_client_greet(c, a, out);

	*window = (struct renewal_window){ { 0 }, { 0 } };
	*retry_s = renewal_ask_again_s(0);
	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	url = acme_client_url(c, ACME_RENEWAL_INFO);
	if (url.n == 0 || leaf->cert_id.n == 0) {
		out->failure = ACME_FAILED_GONE;
		out->why = SPAN("the CA tells nothing about renewal");
		return ERR_OK;
	}
	/* RFC 9773 4.1 */
	url = arena_printf(a, "%.*s/%.*s", (int)url.n, url.p,
	    (int)leaf->cert_id.n, leaf->cert_id.p);
	e = acme_get(c, url, a, out);
	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	*retry_s = renewal_ask_again_s(out->retry_after_s);
	if (!read_window(out->body, a, window)) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA's renewal information is none");
	}
	return ERR_OK;
}
