/* Mail hosts, and what senders may hold. */
#include "core/words.h"
#include "web/chart_ledger.h"
#include "web/page_domain.h"

enum { DAY_S = 86400 };

static enum tone
tone_of_result(const struct judged_address *a)
{
	switch (a->result) {
	case RESULT_OK:
		return TONE_GOOD;
	case RESULT_FAIL:
		return TONE_WARN;
	case RESULT_UNKNOWN:
	case RESULT_NA:
		break;
	}
	return TONE_UNKNOWN;
}

static const char *
result_words(enum check_result result)
{
	switch (result) {
	case RESULT_OK:
		return "deliver";
	case RESULT_FAIL:
		return "refuse";
	case RESULT_UNKNOWN:
	case RESULT_NA:
		break;
	}
	return "unknown";
}

static void
write_certificate(FILE *f, const struct probe *p, struct wall_time now)
{
	if (p->tls.n_chain == 0) {
		html_say(f, "<td class=\"num\"></td><td></td>");
		return;
	}
	html_say(f, "<td class=\"num\">%lld</td><td>%.*s</td>",
	    (long long)((p->tls.chain[0].not_after.s - now.s) / DAY_S),
	    HTML_SPAN(p->tls.chain[0].issuer));
}

static void
write_address(FILE *f, const struct judged_address *a, struct wall_time now)
{
	html_say(f, "<tr><td class=\"mono\">%s</td><td>",
	    ip_format(a->probe->address).s);
	page_chip(f, tone_of_result(a), span_str(result_words(a->result)));
	html_say(f, "%s</td><td>%s</td>", a->ours ? " (no IPv6 here)" : "",
	    tls_version_name(a->probe->tls.version));
	write_certificate(f, a->probe, now);
	html_say(f, "</tr>\n");
}

static void
write_host(
    FILE *f, const struct judged_mx *m, bool has_policy, struct wall_time now)
{
	html_say(f, "<h3>%.*s</h3>\n<p class=\"dim\">Preference %u, ",
	    HTML_SPAN(m->host->host), m->host->preference);
	if (m->matched_by.n > 0)
		html_say(f, "matched by mx: %.*s, ", HTML_SPAN(m->matched_by));
	else if (has_policy)
		html_say(f, "not in the policy, ");
	html_say(f, "DANE: %s</p>\n", dane_state_names[m->dane]);
	if (m->n_addresses == 0) {
		html_say(f, "<p class=\"empty\">No address was seen.</p>\n");
		return;
	}
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Addresses of %.*s\"><table class=\"grid\">\n"
	    "<thead><tr><th scope=\"col\">Address</th>"
	    "<th scope=\"col\">Senders would</th><th scope=\"col\">TLS</th>"
	    "<th scope=\"col\" class=\"num\">Certificate, days</th>"
	    "<th scope=\"col\">Issuer</th></tr></thead>\n<tbody>\n",
	    HTML_SPAN(m->host->host));
	for (size_t i = 0; i < m->n_addresses; i++)
		write_address(f, &m->addresses[i], now);
	html_say(f, "</tbody></table></div>\n");
}

void
domain_write_mx(struct web_call *c, FILE *f, const struct domain_model *m)
{
	html_say(
	    f, "<section class=\"card\" id=\"mx\">\n<h2>Mail hosts</h2>\n");
	for (size_t i = 0; i < m->judged.n_mx; i++)
		write_host(
		    f, &m->judged.mx[i], m->judged.policy == THING_OK, c->now);
	if (m->judged.n_mx == 0)
		html_say(f, "<p class=\"empty\">No mail host was "
			    "seen.</p>\n");
	else {
		html_say(f, "<p><a href=\"");
		domain_link(f, m->row.name, "/move");
		html_say(f, "\">Plan a move to other mail hosts</a></p>\n");
	}
	html_say(f, "</section>\n");
}

/* ---- what senders may hold ---- */

static void
write_until(FILE *f, const char *mode, struct wall_time until)
{
	if (until.s == 0)
		return;
	html_say(f, "<dt>Mode %s</dt><dd>copies may be in use until ", mode);
	page_date(f, until);
	html_say(f, "</dd>\n");
}

static void
write_removal(FILE *f, const struct ledger_removal *r)
{
	switch (r->state) {
	case REMOVAL_NOT_BEGUN:
		return;
	case REMOVAL_SAME_ID:
		html_say(f, "<p class=\"notice warn\">Mode none has the id of "
			    "an older policy.</p>\n");
		return;
	case REMOVAL_WAITING:
		html_say(f, "<p class=\"notice\">Record and policy may go "
			    "after ");
		page_date(f, r->safe_at);
		html_say(f, ".</p>\n");
		return;
	case REMOVAL_DONE:
		html_say(f,
		    "<p class=\"notice good\">Record and policy may "
		    "go%s.</p>\n",
		    r->blind ? ", as far as is known" : "");
		return;
	}
}

enum err
domain_write_ledger(
    struct web_call *c, FILE *f, const struct domain_model *m, struct error *e)
{
	const struct ledger *l = &m->state.ledger;
	struct ledger_removal removal = ledger_removal(l, c->now);
	struct chart_ledger chart;
	struct ledger_held held;
	enum err rc;

	html_say(f, "<section class=\"card\" id=\"ledger\">\n<h2>What senders "
		    "may hold</h2>\n");
	if (l->n_versions == 0) {
		html_say(f, "<p class=\"empty\">No policy was ever "
			    "seen.</p>\n</section>\n");
		return ERR_OK;
	}
	ledger_held(l, c->now, &held);
	html_say(f, "<dl class=\"facts\">\n");
	write_until(f, "enforce", held.enforce_until);
	write_until(f, "testing", held.testing_until);
	write_until(f, "none", held.none_until);
	html_say(f, "</dl>\n");
	write_removal(f, &removal);
	rc = chart_ledger_lay(l, c->now, c->a, &chart);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	html_say(f, "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Picture of the policies\">\n");
	chart_ledger_svg(&chart, c->now, c->a, f);
	html_say(f, "</div>\n<details class=\"more\"><summary>The same as a "
		    "table</summary>\n");
	chart_ledger_table(l, c->now, c->a, f);
	html_say(f, "</details>\n</section>\n");
	return ERR_OK;
}
