#include "io/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"

void
delivered_say(struct delivered *d, enum delivery delivery, const char *fmt, ...)
{
	char text[LIMIT_OUTBOX_ERROR];
	/* An octet may become four ("\xNN"): what does not fit is dropped. */
	struct buf b = buf_init(d->reason, sizeof d->reason - 1);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof text)
		n = sizeof text - 1;
	escape_put(&b, (struct span){ text, (size_t)n });
	d->reason[b.n] = '\0';
	d->delivery = delivery;
}

static bool
read_whole(int fd, struct secret *s)
{
	ssize_t n;

	while ((n = read(fd, s->p + s->n, sizeof s->p - s->n)) > 0)
		s->n += (size_t)n;
	return n == 0 && s->n < sizeof s->p;
}

bool
secret_read(struct secret *s, const char *path, struct delivered *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	s->n = 0;
	if (fd < 0) {
		delivered_say(d, DELIVERY_TRY_LATER, "cannot read %s: %s", path,
		    strerror(errno));
		return false;
	}
	good = read_whole(fd, s);
	close(fd);
	if (!good) {
		delivered_say(d, DELIVERY_TRY_LATER,
		    "%s cannot be read, or is longer than any secret", path);
		secret_wipe(s);
		return false;
	}
	s->n = span_find((struct span){ s->p, s->n }, '\n');
	if (s->n > 0 && s->p[s->n - 1] == '\r')
		s->n--;
	s->p[s->n] = '\0';
	if (s->n > 0 && strlen(s->p) == s->n)
		return true;
	delivered_say(d, DELIVERY_TRY_LATER, "%s holds no secret", path);
	secret_wipe(s);
	return false;
}

void
secret_wipe(struct secret *s)
{
	OPENSSL_cleanse(s, sizeof *s);
}
