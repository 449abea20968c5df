#include "io/acme_account.h"

#include "base/base64url.h"
#include "io/acme_csr.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"

enum err
acme_account_rekey(struct acme_client *c, EVP_PKEY *to, struct arena *a,
    struct acme_reply *out)
{
	struct acme_jws inner = {
		.key = to, .kid = SPAN(""), .nonce = SPAN("")
	};
	struct span account, old, text;
	enum err e = acme_client_register(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	account = acme_client_account(c);
	old = acme_jwk(acme_client_key(c), a);
	inner.url = acme_client_url(c, ACME_KEY_CHANGE);
	inner.payload = acme_json_dump(
	    json_pack("{s:o, s:o}", "account", acme_json_string(account),
		"oldKey", acme_json_read(old)),
	    a);
	if ((e = acme_jws_sign(&inner, a, &text)) != ERR_OK)
		return e;
	e = acme_post_to(c, ACME_KEY_CHANGE, text, a, out);
	if (e == ERR_OK && out->failure == ACME_FAILED_NOT)
		acme_client_use_key(c, to);
	return e;
}

enum err
acme_account_revoke(struct acme_client *c, struct span chain,
    enum acme_reason reason, struct arena *a, struct acme_reply *out)
{
	struct span der = SPAN("");
	enum err e = acme_client_register(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	if (!acme_leaf_der(chain, a, &der))
		return a->failed ? ERR_MEMORY : ERR_DATA;
	der = base64url_encode(a, der);
	e = acme_post_to(c, ACME_REVOKE_CERT,
	    arena_printf(a, "{\"certificate\":\"%.*s\",\"reason\":%d}",
		(int)der.n, der.p, reason),
	    a, out);
	if (e == ERR_OK && acme_problem_is(&out->problem, "alreadyRevoked"))
		out->failure = ACME_FAILED_NOT;
	return e;
}
