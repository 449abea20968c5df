/* html.h - HTML, written so that no foreign byte can become markup.
 *
 * The format is a constant of ours and is written as it stands; whatever comes
 * in by a directive is escaped, for text and for attributes in quotes alike
 * (& < > " '); controls but tab and newline, what reorders the text behind it,
 * and what is not UTF-8 become U+FFFD. So a page is safe whatever a domain's
 * owner has put into his records. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdarg.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/span.h"

/* Directives: %s, %.*s (int, const char *), %c, %d %i %u with l, ll, z, j or
 * none, and %%; without flags or width. The compiler checks them. */
void
html_say(FILE *f, const char *fmt, ...) PRINTF(2, 3);

/* "%.*s", HTML_SPAN(s) */
#define HTML_SPAN(s) (int)(s).n, (s).p

/* One text, escaped. */
void
html_text(FILE *f, struct span s);

/* One part of a path or a query, percent-encoded (RFC 3986 2.1): within an
 * attribute in quotes. */
void
html_url(FILE *f, struct span s);

/* As html_say(), of an address: what comes in is percent-encoded. */
void
html_address(FILE *f, const char *fmt, va_list ap) PRINTF(2, 0);

#endif
