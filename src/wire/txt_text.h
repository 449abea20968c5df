/* txt_text.h - a TXT record as a person writes it. */
#ifndef WIRE_TXT_TEXT_H
#define WIRE_TXT_TEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "wire/dns.h"

/* text is one record: bare, as one string; or, if it begins with a quotation
 * mark, the character-strings of a zone file (RFC 1035 5.1): "a" "b", with \X
 * for the character X and \DDD for an octet in decimal. False if such a form
 * is begun and not kept, with *out_at set to where; or if a is full. */
bool
txt_text_parse(struct span text, struct arena *a, struct dns_txt *out,
    size_t *out_at) MUST_CHECK;

#endif
