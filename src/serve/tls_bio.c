#include "serve/tls_bio.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct state {
	int fd;
	bool empty; /* there is nothing to read */
	bool more;
};

/* Is it worth another try, later? */
static int
would_block(BIO *b, ssize_t rc, int retry)
{
	if (rc < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_flags(b, retry | BIO_FLAGS_SHOULD_RETRY);
	return (int)rc;
}

static int
on_read(BIO *b, char *mem, int cap)
{
	struct state *s = BIO_get_data(b);
	ssize_t n;

	BIO_clear_retry_flags(b);
	if (s->empty) {
		BIO_set_retry_read(b);
		return -1;
	}
	n = recv(s->fd, mem, (size_t)cap, 0);
	s->empty = n < cap && n != 0 && !(n < 0 && errno == EINTR);
	return n > 0 ? (int)n : would_block(b, n, BIO_FLAGS_READ);
}

static int
on_write(BIO *b, const char *mem, int n)
{
	struct state *s = BIO_get_data(b);
	ssize_t rc = send(
	    s->fd, mem, (size_t)n, MSG_NOSIGNAL | (s->more ? MSG_MORE : 0));

	BIO_clear_retry_flags(b);
	return rc > 0 ? (int)rc : would_block(b, rc, BIO_FLAGS_WRITE);
}

/* A session flushes its BIO, and asks for nothing else that matters here. */
static long
on_ctrl(BIO *b, int what, long n, void *p)
{
	(void)b;
	(void)n;
	(void)p;
	return what == BIO_CTRL_FLUSH;
}

static int
on_destroy(BIO *b)
{
	free(BIO_get_data(b));
	return 1;
}

BIO_METHOD *
tls_bio_method(void)
{
	BIO_METHOD *m =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (m != NULL && BIO_meth_set_read(m, on_read) == 1 &&
	    BIO_meth_set_write(m, on_write) == 1 &&
	    BIO_meth_set_ctrl(m, on_ctrl) == 1 &&
	    BIO_meth_set_destroy(m, on_destroy) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}

BIO *
tls_bio_new(const BIO_METHOD *method, int fd)
{
	struct state *s = calloc(1, sizeof *s);
	BIO *b = s != NULL ? BIO_new(method) : NULL;

	if (b == NULL) {
		free(s);
		return NULL;
	}
	s->fd = fd;
	BIO_set_data(b, s);
	BIO_set_init(b, 1);
	return b;
}

void
tls_bio_ready(BIO *b)
{
	struct state *s = BIO_get_data(b);

	s->empty = false;
}

void
tls_bio_more(BIO *b, bool more)
{
	struct state *s = BIO_get_data(b);

	s->more = more;
}
