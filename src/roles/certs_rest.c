/* The certs role: a CA that refuses whatever comes is left in peace for a
 * while. */
#include "roles/certs.h"

enum {
	FAILURES = 3, /* orders in a row: it is not the names, then */
	REST_MAX_S = 600, /* afterwards the next one tries it */
	/* Those that waited come one after the other, and not in the order in
	 * which they were put off: of those that are refused for themselves
	 * none stands in front of all others. */
	SPREAD_S = 60,
};

enum err
certs_rests_init(struct certs_rests *r)
{
	return pthread_mutex_init(&r->lock, NULL) == 0 ? ERR_OK : ERR_SYSTEM;
}

void
certs_rests_release(struct certs_rests *r)
{
	pthread_mutex_destroy(&r->lock);
}

/* That is the CA's fault, or may be: not the name's. */
static bool
is_general(enum acme_failure f)
{
	switch (f) {
	case ACME_FAILED_REACH:
	case ACME_FAILED_SERVER:
	case ACME_FAILED_RATE:
	case ACME_FAILED_ACCOUNT:
		return true;
	case ACME_FAILED_NOT:
	case ACME_FAILED_PROTOCOL:
	case ACME_FAILED_NAME:
	case ACME_FAILED_CAA:
	case ACME_FAILED_PROOF:
	case ACME_FAILED_REQUEST:
	case ACME_FAILED_GONE:
	case ACME_FAILURES:
		break;
	}
	return false;
}

bool
certs_rests_failed(struct certs_rests *r, size_t ca, enum acme_failure why,
    int64_t wait_s, struct mono_time now)
{
	bool begins = false;

	if (!is_general(why))
		return false;
	pthread_mutex_lock(&r->lock);
	if (r->cas[ca].failures <= FAILURES)
		r->cas[ca].failures++;
	if (r->cas[ca].failures >= FAILURES) {
		begins = r->cas[ca].failures == FAILURES;
		r->cas[ca].until = mono_after_ms(
		    now, (wait_s < REST_MAX_S ? wait_s : REST_MAX_S) * 1000);
	}
	pthread_mutex_unlock(&r->lock);
	return begins;
}

void
certs_rests_worked(struct certs_rests *r, size_t ca)
{
	pthread_mutex_lock(&r->lock);
	r->cas[ca].failures = 0;
	r->cas[ca].until = (struct mono_time){ 0 };
	pthread_mutex_unlock(&r->lock);
}

int64_t
certs_rests_left_s(
    struct certs_rests *r, size_t ca, struct mono_time now, uint32_t random)
{
	int64_t ms = 0;

	pthread_mutex_lock(&r->lock);
	if (r->cas[ca].failures >= FAILURES)
		ms = mono_ms_until(now, r->cas[ca].until);
	pthread_mutex_unlock(&r->lock);
	return ms > 0 ? (ms + 999) / 1000 + random % SPREAD_S : 0;
}
