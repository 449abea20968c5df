/* deliver_mail.h - a message by SMTP submission (RFC 6409).
 *
 * TLS is required: STARTTLS on smtp://, at once on smtps://, with a certificate
 * for the server's name; otherwise nothing is said, and no password. */
#ifndef IO_DELIVER_MAIL_H
#define IO_DELIVER_MAIL_H

#include "io/deliver.h"

struct mail_way {
	/* smtp://HOST[:PORT] or smtps://HOST[:PORT]; 587, or 465 */
	const char *server;
	const char *user, *password_file; /* user NULL: no login */
	const char *from; /* addresses without brackets */
	const char *const *to;
	size_t n_to;
};

/* message is a whole one, with CRLF (RFC 5322). One recipient that takes it
 * makes it delivered; `reason` then names a refusal of another. All refused for
 * good, or the message itself: REFUSED. */
void
deliver_mail(const struct deliver_env *env, const struct mail_way *way,
    struct span message, struct delivered *out);

/* Fit to be put between "<" and ">" in SMTP and in an argument: no controls,
 * spaces or brackets, something on both sides of an "@". */
bool
mail_is_address(const char *s);

#endif
