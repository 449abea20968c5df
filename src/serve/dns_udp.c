#include "serve/dns_udp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "serve/dns_socket.h"

struct dns_batch {
	struct mmsghdr in[LIMIT_DNS_BATCH], out[LIMIT_DNS_BATCH];
	struct iovec in_iov[LIMIT_DNS_BATCH], out_iov[LIMIT_DNS_BATCH];
	union dns_sockaddr from[LIMIT_DNS_BATCH];
	char query[LIMIT_DNS_BATCH][LIMIT_DNS_QUERY];
	char reply[LIMIT_DNS_BATCH][DNS_UDP_OCTETS];
};

struct dns_batch *
dns_batch_new(void)
{
	struct dns_batch *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	for (size_t i = 0; i < LIMIT_DNS_BATCH; i++) {
		b->in_iov[i] =
		    (struct iovec){ b->query[i], sizeof b->query[i] };
		b->in[i].msg_hdr.msg_iov = &b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
		b->in[i].msg_hdr.msg_name = &b->from[i];
		b->out[i].msg_hdr.msg_iov = &b->out_iov[i];
		b->out[i].msg_hdr.msg_iovlen = 1;
	}
	return b;
}

void
dns_batch_free(struct dns_batch *b)
{
	free(b);
}

/* How many datagrams there were. A longer one than we read is cut, and then its
 * records do not end where it does. */
static unsigned
receive(const struct dns_udp *u)
{
	struct dns_batch *b = u->batch;
	int n;

	for (size_t i = 0; i < LIMIT_DNS_BATCH; i++)
		b->in[i].msg_hdr.msg_namelen = sizeof b->from[i];
	n = recvmmsg(u->fd, b->in, LIMIT_DNS_BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? (unsigned)n : 0;
}

static bool
answer(const struct dns_udp *u, struct span query, const struct ip_addr *from,
    struct mono_time now, struct buf *out)
{
	struct dns_transfer *none;

	u->counts->queries++;
	switch (dns_limit_take(u->limit, from, now)) {
	case DNS_LIMIT_PASS:
		break;
	case DNS_LIMIT_SLIP:
		u->counts->slipped++;
		return dns_respond_slip(query, out);
	case DNS_LIMIT_DROP:
		u->counts->dropped++;
		return false;
	}
	return dns_respond(u->responder, query, DNS_OVER_UDP, from, out,
		   &none) == DNS_MESSAGE;
}

/* Answer the first n datagrams; how many answers there are. */
static unsigned
answer_all(const struct dns_udp *u, unsigned n)
{
	struct mono_time now = clock_mono(u->responder->clock);
	struct dns_batch *b = u->batch;
	unsigned answers = 0;

	for (unsigned i = 0; i < n; i++) {
		struct span query = { b->query[i], b->in[i].msg_len };
		struct ip_addr from = dns_sockaddr_address(&b->from[i]);
		struct buf out =
		    buf_init(b->reply[answers], sizeof b->reply[answers]);

		if (!answer(u, query, &from, now, &out))
			continue;
		b->out_iov[answers] = (struct iovec){ out.p, out.n };
		b->out[answers].msg_hdr.msg_name = &b->from[i];
		b->out[answers].msg_hdr.msg_namelen =
		    b->in[i].msg_hdr.msg_namelen;
		answers++;
	}
	return answers;
}

/* One that the system does not take is left out. When there is no room, all of
 * the others would not be taken either. */
static void
send_all(const struct dns_udp *u, unsigned n)
{
	struct dns_batch *b = u->batch;

	for (unsigned sent = 0; sent < n;) {
		int now = sendmmsg(u->fd, b->out + sent, n - sent, 0);

		if (now > 0) {
			sent += (unsigned)now;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			u->counts->unsent += n - sent;
			return;
		} else if (errno != EINTR) {
			u->counts->unsent++;
			sent++;
		}
	}
}

void
dns_udp_serve(const struct dns_udp *u)
{
	unsigned n = LIMIT_DNS_BATCH;

	for (int i = 0; i < LIMIT_DNS_BATCHES && n == LIMIT_DNS_BATCH; i++) {
		n = receive(u);
		send_all(u, answer_all(u, n));
	}
}
