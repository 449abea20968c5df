#include "out/evidence_text.h"

#include "out/evidence_json.h"

/* Takes root over. */
static enum err
dump(const struct json_writer *w, json_t *root, struct arena *a,
    struct span *out)
{
	size_t n = w->failed || root == NULL
		       ? 0
		       : json_dumpb(root, NULL, 0, JSON_COMPACT);
	char *p = n > 0 ? arena_alloc(a, n) : NULL;

	if (p != NULL)
		(void)json_dumpb(root, p, n, JSON_COMPACT);
	json_decref(root);
	*out = p != NULL ? (struct span){ p, n } : SPAN("");
	return p != NULL ? ERR_OK : ERR_MEMORY;
}

static enum err
load(struct span text, json_t **out, struct error *e)
{
	json_error_t je;

	*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	if (*out == NULL)
		return error_set(
		    e, ERR_DATA, "saved evidence is not JSON: %s", je.text);
	return ERR_OK;
}

enum err
evidence_to_text(const struct evidence *ev, struct arena *a, struct span *out)
{
	struct json_writer w = { 0 };
	json_t *root = evidence_to_json(&w, ev);

	return dump(&w, root, a, out);
}

enum err
evidence_from_text(
    struct span text, struct arena *a, struct evidence *out, struct error *e)
{
	json_t *json;
	enum err rc = load(text, &json, e);

	if (rc != ERR_OK)
		return rc;
	rc = evidence_from_json(json, a, out, e);
	json_decref(json);
	return rc;
}

enum err
host_seen_to_text(
    const struct host_seen *host, struct arena *a, struct span *out)
{
	struct json_writer w = { 0 };
	json_t *root = host_seen_to_json(&w, host);

	return dump(&w, root, a, out);
}

enum err
host_seen_from_text(
    struct span text, struct arena *a, struct host_seen *out, struct error *e)
{
	json_t *json;
	enum err rc = load(text, &json, e);

	if (rc != ERR_OK)
		return rc;
	rc = host_seen_from_json(json, a, out, e);
	json_decref(json);
	return rc;
}
