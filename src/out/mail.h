/* mail.h - a message as a mail (RFC 5322).
 *
 * Plain text in UTF-8, to be read on a phone. Message-ID is made of the
 * message's id, so that a repetition is known for one, and what follows an
 * opening is shown below it. Auto-Submitted (RFC 3834) keeps absence notes
 * away. */
#ifndef OUT_MAIL_H
#define OUT_MAIL_H

#include "out/message.h"

struct mail_head {
	const char *from; /* addresses without brackets */
	const char *const *to;
	size_t n_to;
	struct wall_time date; /* of this attempt */
};

/* With CRLF, and no line over 998 octets. ERR_MEMORY if it does not fit. */
enum err
mail_write(const struct message *m, const struct mail_head *head,
    struct arena *a, struct span *out) MUST_CHECK;

#endif
