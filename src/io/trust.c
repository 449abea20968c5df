#include "io/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora, RHEL */
	"/etc/ssl/ca-bundle.pem", /* openSUSE */
	"/etc/ssl/cert.pem", /* BSDs */
};

struct trust_store {
	pthread_mutex_t lock;
	char *file; /* NULL: none */
	bool loaded;
	X509_STORE *store;
};

static const char *
system_bundle(void)
{
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		if (access(bundles[i], R_OK) == 0)
			return bundles[i];
	return NULL;
}

enum err
trust_store_new(const char *file, struct trust_store **out, struct error *e)
{
	struct trust_store *t;

	if (file != NULL && access(file, R_OK) != 0)
		return error_set(
		    e, ERR_NO_INPUT, "%s: %s", file, strerror(errno));
	if (file == NULL)
		file = system_bundle();
	if ((t = calloc(1, sizeof *t)) == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	t->store = X509_STORE_new();
	t->file = file != NULL ? strdup(file) : NULL;
	if (t->store == NULL || (file != NULL && t->file == NULL)) {
		X509_STORE_free(t->store);
		free(t->file);
		free(t);
		return error_set(e, ERR_MEMORY, "out of memory");
	}
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return ERR_OK;
}

void
trust_store_free(struct trust_store *t)
{
	if (t == NULL)
		return;
	X509_STORE_free(t->store);
	pthread_mutex_destroy(&t->lock);
	free(t->file);
	free(t);
}

/* A certificate that cannot be parsed is left out, as every TLS library does;
 * a second copy of one is no error. */
static void
load(struct trust_store *t)
{
	BIO *in = BIO_new_file(t->file, "r");
	X509 *x;

	if (in == NULL)
		return;
	while ((x = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL)) != NULL) {
		X509_STORE_add_cert(t->store, x);
		X509_free(x);
	}
	ERR_clear_error();
	BIO_free(in);
}

X509_STORE *
trust_store_get(struct trust_store *t)
{
	pthread_mutex_lock(&t->lock);
	if (!t->loaded && t->file != NULL)
		load(t);
	t->loaded = true;
	pthread_mutex_unlock(&t->lock);
	return t->store;
}
