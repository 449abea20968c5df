/* Mail hosts as their providers name them. */
#include "core/provider.h"

#include "base/test_table.h"
#include "wire/name.h"

static const struct {
	const char *label, *host, *want;
} rows[] = {
	{ "Google, since 2023", "smtp.google.com", "Google" },
	{ "Google, before", "aspmx.l.google.com", "Google" },
	{ "Google, the backups", "alt3.aspmx.l.google.com", "Google" },
	{ "Google, older ones", "aspmx2.googlemail.com", "Google" },
	{ "Microsoft", "example-com.mail.protection.outlook.com", "Microsoft" },
	{ "Microsoft, with DNSSEC", "example-com.a-v1.mx.microsoft",
	    "Microsoft" },
	{ "Proton", "mailsec.protonmail.ch", "Proton" },
	{ "Fastmail", "in1-smtp.messagingengine.com", "Fastmail" },
	{ "Zoho, in Europe", "mx2.zoho.eu", "Zoho" },
	{ "Zoho, in Australia", "mx.zoho.com.au", "Zoho" },
	{ "iCloud", "mx01.mail.icloud.com", "iCloud" },
	{ "Mimecast", "eu-smtp-inbound-1.mimecast.com", "Mimecast" },
	{ "Proofpoint", "mxa-00123456.gslb.pphosted.com", "Proofpoint" },
	{ "Proofpoint Essentials", "mx1-eu1.ppe-hosted.com", "Proofpoint" },
	{ "Barracuda", "d1a.ess.barracudanetworks.com", "Barracuda" },
	{ "Cloudflare", "route1.mx.cloudflare.net", "Cloudflare" },
	{ "Cisco", "mx1.hc123-45.eu.iphmx.com", "Cisco" },
	{ "Amazon", "inbound-smtp.eu-west-1.amazonaws.com", "Amazon" },
	{ "Sophos", "mx-01-eu-central-1.prod.hydra.sophos.com", "Sophos" },
	{ "OVH", "mx1.mail.ovh.net", "OVH" },
	{ "IONOS, once 1&1", "mx00.kundenserver.de", "IONOS" },
	{ "a host that is the suffix", "smtp.goog", "Google" },
	{ "no label of its own", "notgoogle.com", "" },
	{ "only the end counts", "google.com.example", "" },
	{ "a domain of the provider's that takes no customers' mail",
	    "www.icloud.com", "" },
	{ "somebody else's", "mx.example.com", "" },
	{ "a top-level domain", "com", "" },
	{ "the null MX", "", "" },
};

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_span(&t, "provider", provider_of(span_str(rows[i].host)),
		    span_str(rows[i].want));
	}
	assert_int_equal(t.failed, 0);
}

/* Every row is a canonical name, and is reached: none stands behind a wider
 * one. */
static void
test_table(void **state)
{
	static const struct {
		const char *suffix, *name;
	} all[] = {
#define PROVIDER(suffix_, name_) { suffix_, name_ },
#include "core/provider.def"
#undef PROVIDER
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(all); i++) {
		struct span suffix = span_str(all[i].suffix);

		t.label = all[i].suffix;
		want_bool(&t, "a domain", name_is_domain(suffix), true);
		want_span(
		    &t, "provider", provider_of(suffix), span_str(all[i].name));
		for (size_t k = 0; k < i; k++)
			want_bool(&t, all[k].suffix,
			    name_is_under(suffix, span_str(all[k].suffix)),
			    false);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
