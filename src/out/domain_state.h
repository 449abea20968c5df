/* domain_state.h - what is remembered of a domain (store/domain_state.h), said:
 * what is wrong with it, what senders may hold of its policies, and until when.
 */
#ifndef OUT_DOMAIN_STATE_H
#define OUT_DOMAIN_STATE_H

#include <stdio.h>

#include "out/json.h"
#include "out/style.h"
#include "store/domain_state.h"

/* Paragraphs: incidents, findings, copies. What is empty is left out. */
void
domain_state_text(const struct domain_state *d, const struct style *s, FILE *f);

/* The members "findings", "incidents" and "senders". */
void
domain_state_json(
    struct json_writer *w, json_t *o, const struct domain_state *d);

#endif
