/* page_domain.h - the parts of a domain's page; each writes one section. */
#ifndef WEB_PAGE_DOMAIN_H
#define WEB_PAGE_DOMAIN_H

#include "core/overview.h"
#include "web/model_domain.h"
#include "web/page.h"

/* What a sender sees: record, policy, MX, TLSRPT. */
void
domain_write_seen(struct web_call *c, FILE *f, const struct domain_model *m);

/* What is wrong; all: what passed too. */
void
domain_write_findings(
    struct web_call *c, FILE *f, const struct domain_model *m, bool all);

/* Mail hosts and their addresses. */
void
domain_write_mx(struct web_call *c, FILE *f, const struct domain_model *m);

/* What senders may hold, as a picture and as a table. */
enum err
domain_write_ledger(struct web_call *c, FILE *f, const struct domain_model *m,
    struct error *e) MUST_CHECK;

/* Our publication: how far it is, and what may be asked for. */
void
domain_write_publication(
    struct web_call *c, FILE *f, const struct domain_model *m);

/* Incidents and events. */
enum err
domain_write_past(struct web_call *c, FILE *f, const struct domain_model *m,
    struct error *e) MUST_CHECK;

void
domain_write_settings(
    struct web_call *c, FILE *f, const struct domain_model *m);

/* "#SECTION" of the page, where the owner does what is next; NULL: there is
 * nothing for him to do. */
const char *
domain_next_place(enum next_step step);

/* A policy file to be copied: its lines end in CRLF, which nobody is to see. */
void
domain_write_file(struct web_call *c, FILE *f, struct span file);

/* href="/domains/NAME/REST" without its quotes. */
void
domain_link(FILE *f, struct span name, const char *rest);

/* The domain's page begins and ends, with its name as the heading's way back.
 */
FILE *
domain_page_begin(struct web_call *c, struct span name, const char *what);

#endif
