/* page.h - what all pages share: the frame, and the few forms of speech of
 * which they are made. Colours are never alone: each has its word beside it. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "core/checks.h"
#include "web/call.h"
#include "web/html.h"

enum page_place {
	PLACE_NONE,
	PLACE_PORTFOLIO,
	PLACE_INCIDENTS,
	PLACE_OVERVIEW,
	PLACE_ACTIVITY,
	PLACE_SETTINGS,
};

/* Everything up to the beginning of <main>: title, navigation, and what was
 * said of the last operation (?said=). The title is foreign text. */
FILE *
page_begin(struct web_call *c, struct span title, enum page_place place);
void
page_end(struct web_call *c);

/* How something stands. Nothing that is not deployed is red, and what could not
 * be measured is neither red nor green. */
enum tone {
	TONE_GOOD,
	TONE_WARN,
	TONE_BAD,
	TONE_NONE,
	TONE_UNKNOWN,
	TONE_INFO
};

extern const char *const tone_names[]; /* "good", "warn", ...: CSS classes */

/* <span class="chip TONE">word</span> */
void
page_chip(FILE *f, enum tone tone, struct span word);

enum tone
tone_of_severity(enum severity s);
/* Of the words in struct domain_summary. */
enum tone
tone_of_verdict(struct span verdict);
enum tone
tone_of_deployment(struct span deployment);
enum tone
tone_of_eligibility(struct span eligibility);
enum tone
tone_of_thing(struct span thing);

/* <time datetime="...">words</time>: a date, or how far it is from now. "never"
 * or a dash for 0 are the caller's. */
void
page_date(FILE *f, struct wall_time t);
void
page_ago(struct web_call *c, FILE *f, struct wall_time t);

/* The same to the minute, as "2026-12-01 10:00": UTC, which is the caller's to
 * say. */
void
page_minute(FILE *f, struct wall_time t);

/* A name of the DNS, which may be broken behind its dots. */
void
page_name(FILE *f, struct span name);

/* A line: how many days a certificate has left, of the policy host or of an MX
 * host. Nothing where until is 0. It is red only once it has ended where
 * senders enforce. */
void
page_days(struct web_call *c, FILE *f, const char *whose,
    struct wall_time until, bool is_enforced);

/* A public word as people read it: "policy-changed" is "policy changed". */
void
page_words(FILE *f, struct span slug);

/* A block of text to be copied, with its button; label is for screen readers.
 */
void
page_copy(FILE *f, const char *label, struct span text);

/* A sentence, behind a newline what to copy: as findings' remedies are. */
void
page_remedy(FILE *f, struct span remedy);

/* <form method="post" action=...> with what keeps it from being forged, for an
 * operation whose method is PUT or DELETE too; the caller writes the fields, a
 * button, and </form>. The action is "/api/v1/..." with %s and the like
 * percent-encoded. Nothing is written, and false returned, if the caller may
 * not do it. back: where it leads afterwards; "": to this page. */
bool
page_form(struct web_call *c, enum http_method method, enum scope needs,
    struct span back, const char *fmt, ...) PRINTF(5, 6);

/* A region that the script renews from the same page every `s` seconds, while
 * something is under way; the caller ends it with </div>. id is a word. */
void
page_live_begin(FILE *f, const char *id, int s);

#endif
