#include "serve/dns_notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "serve/dns_socket.h"
#include "wire/dns.h"

enum { MESSAGE_OCTETS = DNS_QUERY_OCTETS + 512 }; /* signed */

/* A secondary:
 *
 *	QUIET  -> dns_notify_look: another serial -> WAITS, one was sent
 *	WAITS  -> on_event: time-out -> WAITS, one more was sent; or QUIET
 *	WAITS  -> on_event: an answer -> QUIET */
struct target {
	struct dns_notify *notify;
	const struct dns_secondary *to;
	bool knows; /* of any serial */
	uint32_t serial; /* of which it knows, or is being told */
	int fd; /* -1: quiet */
	struct event *event;
	struct tsig_stream signer; /* if there is a key */
	char message[MESSAGE_OCTETS]; /* the same every time */
	size_t message_n;
	int sent;
};

struct dns_notify {
	struct dns_notify_config config;
	size_t n;
	struct target targets[];
};

enum err
dns_notify_new(const struct dns_notify_config *config, struct dns_notify **out,
    struct error *e)
{
	size_t n = config->responder->n_secondaries;
	struct dns_notify *made =
	    calloc(1, sizeof *made + n * sizeof made->targets[0]);

	if (made == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	made->config = *config;
	if (config->wait_ms == 0)
		made->config.wait_ms = LIMIT_DNS_NOTIFY_MS;
	made->n = n;
	for (size_t i = 0; i < n; i++)
		made->targets[i] = (struct target){ .notify = made,
			.to = &config->responder->secondaries[i],
			.fd = -1 };
	*out = made;
	return ERR_OK;
}

/* Back to QUIET. */
static void
hang_up(struct target *t)
{
	if (t->fd < 0)
		return;
	if (t->event != NULL)
		event_free(t->event);
	t->event = NULL;
	if (t->to->key != NULL)
		tsig_stream_release(&t->signer);
	close(t->fd);
	t->fd = -1;
}

void
dns_notify_free(struct dns_notify *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->n; i++)
		hang_up(&n->targets[i]);
	free(n);
}

static void
conclude(struct target *t, enum dns_notified result)
{
	const struct dns_notify_config *c = &t->notify->config;

	hang_up(t);
	if (c->told != NULL)
		c->told(c->told_arg, t->to, t->serial, result);
}

/* RFC 1996 3.7: the question alone; who gets it asks for the SOA record. */
static bool
write_question(const struct target *t, struct buf *b)
{
	const struct dns_notify_config *c = &t->notify->config;
	const struct dns_zone_constants *zone =
	    dns_zone_constants(c->responder->zone);
	struct dns_name name;
	size_t at = 0;
	uint16_t id;

	if (!randomness_fill(c->randomness, &id, sizeof id) ||
	    !dns_name_read(dns_wire_span(&zone->apex), &at, &name) ||
	    !dns_query_write(b, id, dns_name_span(&name), DNS_SOA, false))
		return false;
	b->p[2] = (char)(DNS_OPCODE_NOTIFY << (DNS_SHIFT_OPCODE - 8) |
			 DNS_FLAG_AA >> 8);
	return true;
}

static bool
write_message(struct target *t)
{
	struct buf b = buf_init(t->message, sizeof t->message);

	if (!write_question(t, &b))
		return false;
	if (t->to->key != NULL &&
	    tsig_stream_sign(&t->signer, &b,
		clock_wall(t->notify->config.responder->clock), NULL) != ERR_OK)
		return false;
	t->message_n = b.n;
	return !b.overflow;
}

/* Send it, and wait twice as long as for the one before. What cannot be sent is
 * as what does not arrive. */
static bool
send_message(struct target *t)
{
	int64_t ms = t->notify->config.wait_ms << t->sent;
	const struct timeval wait = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	(void)send(t->fd, t->message, t->message_n, MSG_NOSIGNAL);
	t->sent++;
	return event_add(t->event, &wait) == 0;
}

/* ---- answers ---- */

/* RFC 1996 3.6: with the id and the opcode of the message. */
static bool
is_answer(const struct target *t, struct span m)
{
	unsigned flags;

	if (m.n < DNS_HEADER_OCTETS ||
	    dns_u16(m, 0) != dns_u16((struct span){ t->message, 2 }, 0))
		return false;
	flags = dns_u16(m, 2);
	return (flags & DNS_FLAG_QR) != 0 &&
	       (flags & DNS_MASK_OPCODE) >> DNS_SHIFT_OPCODE ==
		   DNS_OPCODE_NOTIFY;
}

static enum dns_notified
judge(struct target *t, struct span m)
{
	if ((dns_u16(m, 2) & DNS_MASK_RCODE) != DNS_RCODE_NOERROR)
		return DNS_NOTIFY_REFUSED;
	if (t->to->key != NULL &&
	    tsig_stream_take(&t->signer, m,
		clock_wall(t->notify->config.responder->clock), NULL) != ERR_OK)
		return DNS_NOTIFY_REFUSED;
	return DNS_NOTIFIED;
}

/* RFC 1996 3.6: whatever it answers, it need not be told again. */
static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct target *t = arg;
	char mem[DNS_UDP_OCTETS];
	struct span m = { mem, 0 };
	ssize_t n = (what & EV_READ) != 0
			? recv(fd, mem, sizeof mem, MSG_DONTWAIT)
			: -1;

	m.n = n > 0 ? (size_t)n : 0;
	if (is_answer(t, m)) {
		conclude(t, judge(t, m));
		return;
	}
	/* A closed port is heard of at once; it may be starting. */
	if ((what & EV_READ) != 0)
		return;
	if (t->sent == LIMIT_DNS_NOTIFIES || !send_message(t))
		conclude(t, DNS_NOTIFY_SILENT);
}

/* ---- beginning ---- */

static bool
call(struct target *t)
{
	if (dns_socket_connect(&t->to->at, &t->fd) != ERR_OK)
		return false;
	/* tsig_stream_release takes it as it is left, in any case. */
	if (t->to->key != NULL &&
	    tsig_stream_init(&t->signer, t->to->key, NULL) != ERR_OK)
		return false;
	t->sent = 0;
	t->event = event_new(
	    t->notify->config.base, t->fd, EV_READ | EV_PERSIST, on_event, t);
	return t->event != NULL && write_message(t) && send_message(t);
}

void
dns_notify_look(struct dns_notify *n)
{
	uint32_t serial = dns_zone_serial(n->config.responder->zone);

	for (size_t i = 0; i < n->n; i++) {
		struct target *t = &n->targets[i];

		if (t->fd >= 0 || (t->knows && t->serial == serial))
			continue;
		t->knows = true;
		t->serial = serial;
		if (!call(t))
			conclude(t, DNS_NOTIFY_SILENT);
	}
}
