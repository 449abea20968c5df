#include "io/test_dns.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/dns.h"

enum { HEADER = 12, PACKET = 16384, SOA = 6, MAX_STEPS = 20 };

struct answer {
	unsigned char p[PACKET];
	size_t n;
	int records;
};

static void
put(struct answer *a, const void *p, size_t n)
{
	assert(a->n + n <= sizeof a->p);
	memcpy(a->p + a->n, p, n);
	a->n += n;
}

static void
put16(struct answer *a, unsigned v)
{
	put(a, (unsigned char[]){ (unsigned char)(v >> 8), (unsigned char)v },
	    2);
}

static void
put_name(struct answer *a, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		put(a, &(unsigned char){ (unsigned char)n }, 1);
		put(a, name, n);
		name += n + (name[n] == '.');
	}
	put(a, "", 1);
}

static void
put_data(struct answer *a, const struct test_rr *r)
{
	const char *space = strchr(r->data, ' ');
	unsigned char bytes[16];
	size_t n = strlen(r->data);
	unsigned preference = 0;

	switch (r->type) {
	case DNS_A:
		assert(inet_pton(AF_INET, r->data, bytes) == 1);
		put(a, bytes, 4);
		break;
	case DNS_AAAA:
		assert(inet_pton(AF_INET6, r->data, bytes) == 1);
		put(a, bytes, 16);
		break;
	case DNS_TXT:
		put(a, &(unsigned char){ (unsigned char)n }, 1);
		put(a, r->data, n);
		break;
	case DNS_MX:
		for (const char *c = r->data; c < space; c++)
			preference = preference * 10 + (unsigned)(*c - '0');
		put16(a, preference);
		put_name(a, space + 1);
		break;
	case DNS_CAA: /* RFC 8659 4.1: no flags, "issue", the value */
		put(a, "\0\5issue", 7);
		put(a, r->data, n);
		break;
	default:
		put_name(a, r->data);
	}
}

static void
put_record(struct answer *a, const struct test_rr *r)
{
	size_t length_at;

	put_name(a, r->name);
	put16(a, r->type);
	put16(a, 1);
	put16(a, 0);
	put16(a, 60); /* TTL */
	length_at = a->n;
	put16(a, 0);
	put_data(a, r);
	a->p[length_at] = (unsigned char)((a->n - length_at - 2) >> 8);
	a->p[length_at + 1] = (unsigned char)(a->n - length_at - 2);
	a->records++;
}

/* The name of the question, as text; its end in *at. */
static void
read_name(const unsigned char *p, size_t *at, char *name, size_t cap)
{
	size_t n = 0;

	while (p[*at] != 0) {
		size_t len = p[*at];

		assert(n + len + 1 < cap);
		if (n > 0)
			name[n++] = '.';
		memcpy(name + n, p + *at + 1, len);
		n += len;
		*at += len + 1;
	}
	name[n] = '\0';
	++*at;
}

static const struct test_rr *
find(const struct test_dns *d, const char *name, unsigned type)
{
	for (const struct test_rr *r = d->zone; r->name != NULL; r++)
		if (strcasecmp(r->name, name) == 0 &&
		    (type == 0 || r->type == type))
			return r;
	return NULL;
}

/* All records of the type at name, CNAMEs followed. False: the last name does
 * not exist. */
static bool
put_answers(
    const struct test_dns *d, struct answer *a, const char *name, unsigned type)
{
	const struct test_rr *cname;

	for (int i = 0; i < MAX_STEPS; i++) {
		cname = find(d, name, DNS_CNAME);
		if (cname == NULL)
			break;
		put_record(a, cname);
		if (type == DNS_CNAME)
			return true;
		name = cname->data;
	}
	for (const struct test_rr *r = d->zone; r->name != NULL; r++)
		if (strcasecmp(r->name, name) == 0 && r->type == type)
			put_record(a, r);
	return find(d, name, 0) != NULL || name[0] == '\0';
}

static bool
make_answer(struct test_dns *d, const unsigned char *q, struct answer *a)
{
	size_t at = HEADER;
	char name[300];
	unsigned type;
	bool exists;

	read_name(q, &at, name, sizeof name);
	type = (unsigned)q[at] << 8 | q[at + 1];
	put(a, q, at + 4);
	memset(a->p + 6, 0, 6);
	a->p[2] = 0x85; /* QR, AA, RD */
	a->p[3] = 0x80; /* RA */
	if (find(d, name, TEST_DNS_SILENT) != NULL)
		return false;
	if (d->refuses) {
		a->p[3] |= 5;
		return true;
	}
	if (find(d, name, TEST_DNS_SERVFAIL) != NULL) {
		a->p[3] |= 2;
		return true;
	}
	exists = put_answers(d, a, name, type);
	a->p[7] = (unsigned char)a->records;
	if (!exists)
		a->p[3] |= 3;
	if (a->records == 0) {
		put(a, "\0\0\6\0\1\0\0\0\74\0\26\0\0", 13);
		put(a, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 20);
		a->p[9] = 1;
	}
	return true;
}

static void *
thread_main(void *arg)
{
	struct test_dns *d = arg;
	unsigned char q[PACKET];
	struct sockaddr_in from;

	for (;;) {
		socklen_t len = sizeof from;
		struct answer a = { .n = 0 };
		ssize_t n = recvfrom(
		    d->fd, q, sizeof q, 0, (struct sockaddr *)&from, &len);

		if (n == 0)
			return NULL;
		if (n < HEADER)
			continue;
		atomic_fetch_add(&d->questions, 1);
		if (make_answer(d, q, &a))
			(void)sendto(
			    d->fd, a.p, a.n, 0, (struct sockaddr *)&from, len);
	}
}

bool
test_dns_start(struct test_dns *d)
{
	const char *host = d->host != NULL ? d->host : "127.0.0.1";
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(d->port) };
	socklen_t len = sizeof at;
	int rc;

	inet_pton(AF_INET, host, &at.sin_addr);
	d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(d->fd, (struct sockaddr *)&at, sizeof at) != 0) {
		assert(errno == EADDRINUSE);
		close(d->fd);
		return false;
	}
	getsockname(d->fd, (struct sockaddr *)&at, &len);
	d->port = ntohs(at.sin_port);
	snprintf(d->address, sizeof d->address, "%s@%u", host, d->port);
	atomic_init(&d->questions, 0);
	rc = pthread_create(&d->thread, NULL, thread_main, d);
	assert(rc == 0);
	return true;
}

/* An empty datagram ends the thread. */
void
test_dns_stop(struct test_dns *d)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	getsockname(d->fd, (struct sockaddr *)&at, &len);
	(void)sendto(d->fd, "", 0, 0, (struct sockaddr *)&at, len);
	pthread_join(d->thread, NULL);
	close(d->fd);
}
