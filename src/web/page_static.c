/* What a browser loads beside the pages, and the description of the API. */
#include "web/assets.h"
#include "web/call.h"

static enum err
answer(struct web_call *c, const struct asset *asset)
{
	c->type = asset->type;
	c->is_public = true;
	c->packed = asset->gzip;
	fwrite(asset->plain.p, 1, asset->plain.n, call_body(c));
	return ERR_OK;
}

enum err
page_static(struct web_call *c, struct error *e)
{
	const struct asset *asset = asset_at(c->captured[0]);

	(void)e;
	if (asset == NULL)
		return call_refuse(
		    c, PROBLEM_MISSING, "There is no such file.");
	c->is_forever = true; /* another content has another path */
	return answer(c, asset);
}

enum err
page_openapi(struct web_call *c, struct error *e)
{
	(void)e;
	return answer(c, asset_find(SPAN("openapi.json")));
}
