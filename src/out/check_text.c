#include "out/check_text.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "out/finding_json.h"

enum { DAY_S = 86400 };

static void
print_span(FILE *f, struct span s)
{
	char mem[LIMIT_CERT_TEXT * 4];
	struct buf b = buf_init(mem, sizeof mem);

	escape_put(&b, s);
	fwrite(b.p, 1, b.n, f);
}

/* The whole state in a few words, and how it should look. */
static const char *
headline(const struct judged *j, enum ink *ink)
{
	*ink = j->verdict == VERDICT_ERROR     ? INK_RED
	       : j->verdict == VERDICT_WARNING ? INK_YELLOW
	       : j->verdict == VERDICT_UNKNOWN ? INK_BLUE
					       : INK_GREEN;
	switch (j->deployment) {
	case DEPLOYMENT_ENFORCE:
		return "MTA-STS enforced";
	case DEPLOYMENT_TESTING:
		return "MTA-STS in testing";
	case DEPLOYMENT_REMOVING:
		return "MTA-STS in mode none";
	case DEPLOYMENT_BROKEN:
		return "MTA-STS broken";
	case DEPLOYMENT_UNKNOWN:
		return "MTA-STS not measured";
	case DEPLOYMENT_NONE:
		break;
	}
	if (j->verdict == VERDICT_OK)
		*ink = INK_PLAIN;
	return "no MTA-STS";
}

static const char *
eligibility_text(enum eligibility e)
{
	switch (e) {
	case ELIGIBLE:
		return "mail hosts eligible";
	case ELIGIBILITY_INELIGIBLE:
		return "mail hosts not eligible";
	case ELIGIBILITY_UNKNOWN:
		return "mail hosts not measured";
	case ELIGIBILITY_NO_MAIL:
		break;
	}
	return "takes no mail";
}

struct tally {
	size_t errors, warnings, infos, unknowns;
};

static struct tally
tally_of(const struct judged *j)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];

		if (!finding_is_shown(f, false))
			continue;
		if (f->result == RESULT_UNKNOWN && f->severity > SEVERITY_INFO)
			t.unknowns++;
		else if (f->severity == SEVERITY_ERROR)
			t.errors++;
		else if (f->severity == SEVERITY_WARNING)
			t.warnings++;
		else
			t.infos++;
	}
	return t;
}

static void
print_count(FILE *f, size_t n, const char *what)
{
	if (n > 0)
		fprintf(f, ", %zu %s%s", n, what,
		    n > 1 && what[0] != 'u' ? "s" : "");
}

static void
print_summary(const struct judged *j, const struct style *s, FILE *f)
{
	struct tally t = tally_of(j);
	enum ink ink;
	const char *text = headline(j, &ink);

	fputs(style_on(s, INK_BOLD), f);
	print_span(f, j->evidence->domain);
	fprintf(f, "%s: %s%s%s, %s", style_off(s), style_on(s, ink), text,
	    style_off(s), eligibility_text(j->eligibility));
	print_count(f, t.errors, "error");
	print_count(f, t.warnings, "warning");
	print_count(f, t.unknowns, "unknown");
	putc('\n', f);
}

static void
print_duration(FILE *f, uint32_t seconds)
{
	if (seconds % DAY_S == 0 && seconds > 0)
		fprintf(f, "%u day%s", seconds / DAY_S,
		    seconds / DAY_S == 1 ? "" : "s");
	else
		fprintf(f, "%u seconds", seconds);
}

static void
print_published(const struct judged *j, FILE *f)
{
	fputs("\n  record   ", f);
	if (j->record == THING_OK) {
		fputs("id ", f);
		print_span(f, j->rrset.record.id);
	} else {
		fputs(thing_names[j->record], f);
	}
	fputs("\n  policy   ", f);
	if (j->sts.mode != STS_MODE_UNSET) {
		fputs(sts_mode_names[j->sts.mode], f);
		if (j->sts.has_max_age) {
			fputs(", cached for ", f);
			print_duration(f, j->sts.max_age);
		}
		if (j->policy != THING_OK)
			fprintf(f, ", %s", thing_names[j->policy]);
	} else {
		fputs(thing_names[j->policy], f);
	}
	fputs("\n  reports  ", f);
	if (j->rpt.n_rua == 0)
		fputs(thing_names[j->tlsrpt], f);
	for (size_t i = 0; i < j->rpt.n_rua; i++) {
		if (i > 0)
			fputs(", ", f);
		print_span(f, j->rpt.rua[i].uri);
	}
	putc('\n', f);
}

/* The table of mail hosts: one row for each address. */
enum column {
	COLUMN_PREFERENCE,
	COLUMN_HOST,
	COLUMN_POLICY,
	COLUMN_ADDRESS,
	COLUMN_TLS,
	COLUMN_CERTIFICATE,
	COLUMN_RESULT,
	COLUMNS,
};

enum { CELL = 64 };

struct row {
	char cells[COLUMNS][CELL];
	enum ink ink; /* of the result */
};

static const char *
talk_word(const struct judged_address *a)
{
	const struct probe *p = a->probe;

	if (a->ours)
		return "no IPv6 here";
	if (p->stage == STAGE_STARTTLS && !p->starttls_offered)
		return "no STARTTLS";
	if (p->stage >= STAGE_GREETING && p->stage <= STAGE_STARTTLS &&
	    p->result == TALK_OK)
		return "refused";
	return talk_result_names[p->result];
}

/* What is true of the host stands in the row of its first address. */
static void
fill_host(struct row *r, const struct judged *j, const struct judged_mx *m)
{
	struct buf b = buf_init(r->cells[COLUMN_HOST], CELL - 1);

	snprintf(r->cells[COLUMN_PREFERENCE], CELL, "%u", m->host->preference);
	escape_put(&b, span_head(m->host->host, CELL / 4 * 3));
	if (j->sts.n_mx > 0)
		snprintf(r->cells[COLUMN_POLICY], CELL, "%s",
		    m->matched_by.n > 0 ? "covered" : "missing");
}

static void
fill_address(struct row *r, const struct judged_mx *m,
    const struct judged_address *a, struct wall_time now)
{
	const struct probe *p = a->probe;

	snprintf(r->cells[COLUMN_ADDRESS], CELL, "%s", ip_format(p->address).s);
	snprintf(r->cells[COLUMN_TLS], CELL, "%s",
	    p->tls.version != TLS_NONE ? tls_version_name(p->tls.version)
				       : talk_word(a));
	if (p->tls.n_chain > 0) {
		struct wall_time end = p->tls.chain[0].not_after;

		snprintf(r->cells[COLUMN_CERTIFICATE], CELL, "%.10s (%lld d)",
		    rfc3339_format(end).text,
		    (long long)((end.s - now.s) / DAY_S));
	}
	snprintf(r->cells[COLUMN_RESULT], CELL, "%s%s",
	    check_result_names[a->result],
	    m->dane == DANE_STATE_OK ? ", DANE" : "");
	r->ink = a->result == RESULT_OK	    ? INK_GREEN
		 : a->result == RESULT_FAIL ? INK_RED
					    : INK_BLUE;
}

static void
widen(int width[COLUMNS], const struct row *r)
{
	for (int c = 0; c < COLUMNS; c++) {
		int n = (int)strlen(r->cells[c]);

		if (n > width[c])
			width[c] = n;
	}
}

/* A column without a word in it is left out. */
static void
print_row(const struct row *r, const int width[COLUMNS], const struct style *s,
    FILE *f)
{
	putc(' ', f);
	for (int c = 0; c < COLUMN_RESULT; c++)
		if (width[c] > 0)
			fprintf(f, " %*s ",
			    c == COLUMN_PREFERENCE ? width[c] : -width[c],
			    r->cells[c]);
	fprintf(f, " %s%s%s\n", style_on(s, r->ink), r->cells[COLUMN_RESULT],
	    style_off(s));
}

/* One walk over the hosts to measure, with no file; one to print. */
static void
walk_rows(
    const struct judged *j, int width[COLUMNS], const struct style *s, FILE *f)
{
	for (size_t i = 0; i < j->n_mx; i++) {
		const struct judged_mx *m = &j->mx[i];

		for (size_t k = 0; k < m->n_addresses; k++) {
			struct row r = { .ink = INK_PLAIN };

			if (k == 0)
				fill_host(&r, j, m);
			fill_address(&r, m, &m->addresses[k], j->now);
			if (f == NULL)
				widen(width, &r);
			else
				print_row(&r, width, s, f);
		}
	}
}

static void
print_mx(const struct judged *j, const struct style *s, FILE *f)
{
	static const struct row head = {
		.cells = {
			[COLUMN_PREFERENCE] = "MX",
			[COLUMN_HOST] = "host",
			[COLUMN_POLICY] = "policy",
			[COLUMN_ADDRESS] = "address",
			[COLUMN_TLS] = "TLS",
			[COLUMN_CERTIFICATE] = "certificate until",
			[COLUMN_RESULT] = "result",
		},
		.ink = INK_PLAIN,
	};
	int width[COLUMNS] = { 0 };

	walk_rows(j, width, s, NULL);
	if (width[COLUMN_ADDRESS] == 0)
		return;
	for (int c = 0; c < COLUMNS; c++)
		if (width[c] > 0 && (int)strlen(head.cells[c]) > width[c])
			width[c] = (int)strlen(head.cells[c]);
	putc('\n', f);
	fputs(style_on(s, INK_DIM), f);
	print_row(&head, width, s, f);
	fputs(style_off(s), f);
	walk_rows(j, width, s, f);
}

static const char *
label_of(const struct finding *f)
{
	if (f->result == RESULT_OK)
		return "ok";
	if (f->result == RESULT_UNKNOWN)
		return "unknown";
	return severity_names[f->severity];
}

/* An information needs no advice: one sentence is enough. */
void
finding_text(const struct finding *f, const struct style *s, FILE *out)
{
	enum ink ink = f->result == RESULT_OK ? INK_GREEN
		       : f->result == RESULT_UNKNOWN
			   ? INK_BLUE
			   : style_severity_ink(f->severity);

	fprintf(out, "\n  %s%-7s%s  %s%s%s", style_on(s, ink), label_of(f),
	    style_off(s), style_on(s, INK_BOLD), checks[f->check].slug,
	    style_off(s));
	fprintf(out, "  %s%s%s\n", style_on(s, INK_DIM),
	    checks[f->check].clause, style_off(s));
	style_wrap(s, out, 4, f->message);
	if (f->severity == SEVERITY_INFO || f->result == RESULT_OK ||
	    f->remedy.n == 0)
		return;
	fputs(style_on(s, INK_GREEN), out);
	style_wrap(s, out, 4, f->remedy);
	fputs(style_off(s), out);
}

/* The same check of the same host at several addresses is told once. */
static bool
is_told_already(const struct judged *j, size_t i)
{
	const struct finding *f = &j->findings[i], *p;

	if (i == 0 || f->address.family == IP_NONE)
		return false;
	p = &j->findings[i - 1];
	return p->check == f->check && span_eq(p->subject, f->subject) &&
	       p->result == f->result && p->severity == f->severity;
}

static void
print_also(const struct judged *j, size_t i, FILE *f)
{
	bool first = true;

	for (i++; i < j->n_findings && is_told_already(j, i); i++) {
		fprintf(f, "%s%s", first ? "    Also at " : ", ",
		    ip_format(j->findings[i].address).s);
		first = false;
	}
	if (!first)
		fputs(".\n", f);
}

static void
print_passed(const struct finding *f, const struct style *s, FILE *out)
{
	fprintf(out, "  %s%-7s%s  %s\n", style_on(s, INK_GREEN), "ok",
	    style_off(s), checks[f->check].slug);
}

void
check_text(const struct judged *j, enum text_detail detail,
    const struct style *s, FILE *f)
{
	bool all = detail == TEXT_ALL, passed = false;

	print_summary(j, s, f);
	if (detail == TEXT_QUIET)
		return;
	print_published(j, f);
	print_mx(j, s, f);
	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *one = &j->findings[i];

		if (!finding_is_shown(one, all) || is_told_already(j, i))
			continue;
		if (one->result == RESULT_OK) {
			if (!passed)
				putc('\n', f);
			passed = true;
			print_passed(one, s, f);
			continue;
		}
		finding_text(one, s, f);
		print_also(j, i, f);
	}
	putc('\n', f);
}

struct addresses {
	size_t all, good;
	int64_t worst_days; /* of a certificate */
	bool has_days;
};

static struct addresses
count_addresses(const struct judged *j)
{
	struct addresses n = { 0 };

	for (size_t i = 0; i < j->n_mx; i++)
		for (size_t k = 0; k < j->mx[i].n_addresses; k++) {
			const struct judged_address *a = &j->mx[i].addresses[k];
			const struct tls_seen *tls = &a->probe->tls;
			int64_t days;

			n.all++;
			n.good += a->result == RESULT_OK;
			if (tls->n_chain == 0)
				continue;
			days = (tls->chain[0].not_after.s - j->now.s) / DAY_S;
			if (!n.has_days || days < n.worst_days)
				n.worst_days = days;
			n.has_days = true;
		}
	return n;
}

void
check_plugin(const struct judged *j, FILE *f)
{
	static const char *const states[] = {
		[VERDICT_OK] = "OK",
		[VERDICT_WARNING] = "WARNING",
		[VERDICT_ERROR] = "CRITICAL",
		[VERDICT_UNKNOWN] = "UNKNOWN",
	};
	struct addresses n = count_addresses(j);
	struct tally t = tally_of(j);
	enum ink ink;

	fprintf(f, "MTASTS %s - ", states[j->verdict]);
	print_span(f, j->evidence->domain);
	fprintf(
	    f, ": %s, %s", headline(j, &ink), eligibility_text(j->eligibility));
	if (j->verdict != VERDICT_OK && j->n_findings > 0) {
		fprintf(f, "; %s: ", checks[j->findings[0].check].slug);
		/* "|" would begin the performance data. */
		for (size_t i = 0; i < j->findings[0].message.n; i++) {
			char c = j->findings[0].message.p[i];

			putc(c == '|' || c == '\n' ? ' ' : c, f);
		}
	}
	fprintf(f,
	    " | time=%u.%03us addresses=%zu addresses_ok=%zu errors=%zu "
	    "warnings=%zu unknown=%zu",
	    j->evidence->ms / 1000, j->evidence->ms % 1000, n.all, n.good,
	    t.errors, t.warnings, t.unknowns);
	if (n.has_days)
		fprintf(f, " certificate_days=%lld", (long long)n.worst_days);
	putc('\n', f);
}
