#include "out/publish_self.h"

#include "core/words.h"
#include "out/json.h"

enum { WORDS_MEMORY = 128 };

#define URL "https://mta-sts.%.*s/.well-known/mta-sts.txt"
#define RECORD "_mta-sts.%.*s. 300 IN TXT \"v=STSv1; id=%s;\""
#define REPORTS                                                                \
	"_smtp._tls.%.*s. 3600 IN TXT "                                        \
	"\"v=TLSRPTv1; rua=mailto:tls-reports@%.*s\""

static void
print_change(const struct self_hosted *s, FILE *f)
{
	int n = (int)s->domain.n;
	const char *d = s->domain.p;

	fprintf(f,
	    "4. An address that senders report failures to (RFC 8460):\n\n"
	    "" REPORTS "\n\n"
	    "At every change the same: the file first, on every server; fetch "
	    "it; then\nthe record with another id. This command prints a new "
	    "one each time.\nBefore the mail moves to other hosts: mtasts plan "
	    "mx-move %.*s --to HOST\nThe end of it all: mtasts publish "
	    "--self-hosted %.*s --mode none\n",
	    n, d, n, d, n, d, n, d);
	if (s->enforces)
		fprintf(f,
		    "Before mode enforce: two weeks in testing, and mtasts "
		    "check %.*s without an\nerror; who enforces refuses to "
		    "deliver.\n",
		    n, d);
}

/* RFC 8461 8.3 */
static void
print_end(const struct self_hosted *s, FILE *f)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	fputs("4. Leave both where they are until no sender can hold an older "
	      "policy:\n   ",
	    f);
	if (s->held_until.s > 0)
		fprintf(f, "not before %s.", words_date(&a, s->held_until));
	else
		fputs("for as long as the longest max_age that was published.",
		    f);
	if (s->watched)
		fprintf(f, " mtasts domain show %.*s tells when.",
		    (int)s->domain.n, s->domain.p);
	fputs("\n\n5. Then remove the record, and after it the file.\n", f);
}

/* RFC 8461 8.1: a sender that sees the new id before the new file keeps the old
 * file under it for weeks. */
void
self_hosted_text(const struct self_hosted *s, FILE *f)
{
	int n = (int)s->domain.n;
	const char *d = s->domain.p;

	fprintf(f,
	    "In this order:\n\n"
	    "1. The policy at\n\n    " URL "\n\n"
	    "   with Content-Type text/plain, no redirect, and a certificate "
	    "for\n   mta-sts.%.*s. Its lines end in CRLF:\n\n",
	    n, d, n, d);
	fwrite(s->policy.p, 1, s->policy.n, f);
	if (s->file != NULL)
		fprintf(f, "\n   To the byte it is in %s.\n", s->file);
	fprintf(f,
	    "\n2. Fetch it from outside, from every server that has it:\n\n"
	    "    curl --fail --max-redirs 0 " URL "\n\n"
	    "3. Only then the record:\n\n" RECORD "\n\n",
	    n, d, n, d, s->id);
	if (s->ends)
		print_end(s, f);
	else
		print_change(s, f);
	if (s->watched)
		fprintf(f, "\n%.*s is watched from now on.\n", n, d);
}

enum err
self_hosted_json(const struct self_hosted *s, FILE *f)
{
	int n = (int)s->domain.n;
	const char *d = s->domain.p;
	struct json_writer w = { false };
	json_t *o = json_object(), *records = json_array();

	json_add(&w, records, json_sprintf(RECORD, n, d, s->id));
	json_add(&w, records, json_sprintf(REPORTS, n, d, n, d));
	json_put(&w, o, "schema", json_word("mtasts.publish/1"));
	json_put(&w, o, "domain", json_text(s->domain));
	json_put(&w, o, "self_hosted", json_true());
	json_put(&w, o, "url", json_sprintf(URL, n, d));
	json_put(&w, o, "body", json_text(s->policy));
	json_put(&w, o, "id", json_word(s->id));
	json_put(&w, o, "records", records);
	json_put(&w, o, "removable_at", json_time_or_null(s->held_until));
	json_put(&w, o, "watched", json_boolean(s->watched));
	return json_line(&w, o, f);
}
