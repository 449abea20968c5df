#include "io/acme_problem.h"

#include "base/limits.h"
#include "io/acme_json.h"

static const struct span prefix = SPAN_INIT("urn:ietf:params:acme:error:");

/* clang-format off */
static const struct {
	const char		*word;
	enum acme_failure	 failure;
} types[] = {
	{ "accountDoesNotExist",	ACME_FAILED_ACCOUNT },
	{ "alreadyReplaced",		ACME_FAILED_REQUEST },	/* RFC 9773 7.4 */
	{ "badCSR",			ACME_FAILED_REQUEST },
	{ "badNonce",			ACME_FAILED_SERVER },	/* again and again */
	{ "badPublicKey",		ACME_FAILED_ACCOUNT },
	{ "badSignatureAlgorithm",	ACME_FAILED_ACCOUNT },
	{ "caa",			ACME_FAILED_CAA },
	{ "connection",			ACME_FAILED_PROOF },
	{ "dns",			ACME_FAILED_PROOF },
	{ "externalAccountRequired",	ACME_FAILED_ACCOUNT },
	{ "incorrectResponse",		ACME_FAILED_PROOF },
	{ "invalidContact",		ACME_FAILED_ACCOUNT },
	{ "malformed",			ACME_FAILED_REQUEST },
	{ "orderNotReady",		ACME_FAILED_SERVER },
	{ "rateLimited",		ACME_FAILED_RATE },
	{ "rejectedIdentifier",		ACME_FAILED_NAME },
	{ "serverInternal",		ACME_FAILED_SERVER },
	{ "tls",			ACME_FAILED_PROOF },
	{ "unsupportedContact",		ACME_FAILED_ACCOUNT },
	{ "unsupportedIdentifier",	ACME_FAILED_NAME },
	{ "userActionRequired",		ACME_FAILED_ACCOUNT },
};
/* clang-format on */

bool
acme_problem_is(const struct acme_problem *p, const char *word)
{
	return span_starts(p->type, prefix) &&
	       span_eq(span_skip(p->type, prefix.n), span_str(word));
}

enum acme_failure
acme_problem_failure(const struct acme_problem *p, enum acme_failure otherwise)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (acme_problem_is(p, types[i].word))
			return types[i].failure;
	return otherwise;
}

static void
read_parts(const json_t *parts, struct arena *a, struct acme_problem *out)
{
	size_t n = json_array_size(parts);

	if (n > LIMIT_ACME_NAMES)
		n = LIMIT_ACME_NAMES;
	out->parts = arena_array(a, n, sizeof *out->parts);
	for (size_t i = 0; i < n && out->parts != NULL; i++) {
		const json_t *v = json_array_get(parts, i);

		out->parts[i] = (struct acme_subproblem){
			.name = acme_json_text(
			    json_object_get(v, "identifier"), "value", a),
			.type = acme_json_text(v, "type", a),
			.detail = acme_json_text(v, "detail", a),
		};
		out->n_parts = i + 1;
	}
}

static void
read_members(const json_t *d, struct arena *a, struct acme_problem *out)
{
	out->type = acme_json_text(d, "type", a);
	out->detail = acme_json_text(d, "detail", a);
	read_parts(json_object_get(d, "subproblems"), a, out);
}

void
acme_problem_read(
    const json_t *document, struct arena *a, struct acme_problem *out)
{
	*out = (struct acme_problem){ SPAN(""), SPAN(""), SPAN(""), NULL, 0 };
	if (!json_is_object(document))
		return;
	out->text = acme_json_dump(json_deep_copy(document), a);
	read_members(document, a, out);
}

/* Where the type says nothing, the status does (RFC 9110 15). */
static enum acme_failure
failure_of_status(int status)
{
	if (status >= 200 && status <= 299)
		return ACME_FAILED_NOT;
	if (status == 404 || status == 410)
		return ACME_FAILED_GONE;
	if (status == 429)
		return ACME_FAILED_RATE;
	if (status == 401 || status == 403)
		return ACME_FAILED_ACCOUNT;
	if (status >= 400 && status <= 499)
		return ACME_FAILED_REQUEST;
	return status >= 500 ? ACME_FAILED_SERVER : ACME_FAILED_PROTOCOL;
}

static struct span
why_of(const struct acme_reply *r, struct arena *a)
{
	if (r->problem.detail.n > 0)
		return r->problem.detail;
	if (r->status >= 300 && r->status <= 399)
		return arena_printf(a,
		    "the CA answered %d: redirects are not followed",
		    r->status);
	return arena_printf(a, "the CA answered %d", r->status);
}

void
acme_problem_judge(struct acme_reply *r, struct arena *a)
{
	json_t *d;

	r->failure = failure_of_status(r->status);
	if (r->failure == ACME_FAILED_NOT)
		return;
	if ((d = acme_json_read(r->body)) != NULL) {
		r->problem.text = r->body;
		read_members(d, a, &r->problem);
		json_decref(d);
	}
	/* Of an order that is gone CAs say that the request is malformed. */
	if (r->failure != ACME_FAILED_GONE)
		r->failure = acme_problem_failure(&r->problem, r->failure);
	r->why = why_of(r, a);
}
