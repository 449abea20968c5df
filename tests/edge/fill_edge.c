/* fill_edge.c - for tests only: what edges serve, put into a store by hand.
 *
 *	fill_edge STORE KEYS SEALING_KEY publish DOMAIN LABEL FILE ID
 *	fill_edge STORE KEYS SEALING_KEY unpublish DOMAIN
 *	fill_edge STORE KEYS SEALING_KEY certify DOMAIN PEM
 *	fill_edge STORE KEYS SEALING_KEY challenge DOMAIN TOKEN TEXT
 *	fill_edge STORE KEYS SEALING_KEY served
 *
 * FILE has the policy, PEM a key, its certificate and the ones above. What is
 * not there is made: the stores, the sealing key. The last one prints how many
 * edges are alive and up to which number they serve, and the last number. */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/random.h"
#include "io/read_file.h"
#include "roles/test_published.h"

enum { DER_MAX = 64 * 1024, ALIVE_S = 5 };

struct program {
	struct store *s;
	const char *keys, *sealing_key;
	struct wall_time now;
	struct arena a;
	struct error e;
};

/* ---- certificates ---- */

struct der {
	char p[DER_MAX];
	size_t n;
};

static bool
read_key(BIO *b, struct der *out)
{
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
	unsigned char *at = (unsigned char *)out->p;
	int n = pkey != NULL ? i2d_PrivateKey(pkey, &at) : 0;

	EVP_PKEY_free(pkey);
	out->n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool
read_chain(BIO *b, struct der *out)
{
	X509 *x;

	while ((x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
		unsigned char *at = (unsigned char *)out->p + out->n;
		int n = i2d_X509(x, &at);

		X509_free(x);
		out->n += n > 0 ? (size_t)n : 0;
	}
	return out->n > 0;
}

static enum err
read_pem(const char *path, struct der *key, struct der *chain, struct error *e)
{
	BIO *b = BIO_new_file(path, "r");
	bool good = b != NULL && read_key(b, key) && read_chain(b, chain);

	BIO_free(b);
	return good ? ERR_OK
		    : error_set(e, ERR_DATA, "%s: no key with its chain", path);
}

static enum err
certify(struct program *p, char **words)
{
	static struct der key, chain;
	struct sealing_key seal;
	struct secrets *secrets = NULL;
	enum err rc = read_pem(words[1], &key, &chain, &p->e);

	if (rc == ERR_OK && access(p->sealing_key, F_OK) != 0)
		rc = sealing_key_create(
		    p->sealing_key, &randomness_system, &p->e);
	if (rc == ERR_OK)
		rc = sealing_key_read(p->sealing_key, &seal, &p->e);
	if (rc == ERR_OK)
		rc = secrets_open(p->keys, p->now, &secrets, &p->e);
	if (rc == ERR_OK)
		rc = test_certify(p->s, secrets, &seal, span_str(words[0]),
		    (struct span){ chain.p, chain.n },
		    (struct span){ key.p, key.n }, &p->e);
	secrets_free(secrets);
	return rc;
}

/* ---- the others ---- */

static enum err
publish(struct program *p, char **words)
{
	struct span body;
	enum err rc =
	    read_file(words[2], LIMIT_POLICY_BYTES, &p->a, &body, &p->e);

	return rc == ERR_OK ? test_publish(p->s, span_str(words[0]),
				  span_str(words[1]), body, words[3], &p->e)
			    : rc;
}

static enum err
unpublish(struct program *p, char **words)
{
	return test_unpublish(p->s, span_str(words[0]), &p->e);
}

static enum err
challenge(struct program *p, char **words)
{
	const struct challenge c = { arena_printf(
					 &p->a, "mta-sts.%s", words[0]),
		span_str(words[1]), span_str(words[2]) };

	return challenge_put(p->s, &c, 1, p->now, &p->e);
}

static enum err
served(struct program *p, char **words)
{
	struct edges edges;
	uint64_t last;
	enum err rc = edges_alive(
	    p->s, (struct wall_time){ p->now.s - ALIVE_S }, &edges, &p->e);

	(void)words;
	if (rc == ERR_OK)
		rc = served_last(p->s, &last, &p->e);
	if (rc == ERR_OK)
		printf("%zu %llu %llu\n", edges.alive,
		    (unsigned long long)edges.served, (unsigned long long)last);
	return rc;
}

static const struct {
	const char *name;
	int words;
	enum err (*run)(struct program *p, char **words);
} commands[] = {
	{ "publish", 4, publish },
	{ "unpublish", 1, unpublish },
	{ "certify", 2, certify },
	{ "challenge", 3, challenge },
	{ "served", 0, served },
};

int
main(int argc, char **argv)
{
	struct program p = { .now = clock_wall(&clock_system) };
	enum err rc = ERR_USAGE;

	if (argc < 5)
		return err_exit_status(ERR_USAGE);
	p.keys = argv[2];
	p.sealing_key = argv[3];
	arena_init(&p.a, LIMIT_CHECK_MEMORY);
	(void)error_set(&p.e, ERR_USAGE, "bad usage");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].name, argv[4]) != 0 ||
		    argc - 5 != commands[i].words)
			continue;
		rc = store_open(argv[1], STORE_MIGRATE, p.now, &p.s, &p.e);
		if (rc == ERR_OK)
			rc = commands[i].run(&p, argv + 5);
	}
	if (rc != ERR_OK)
		fprintf(stderr, "fill_edge: %s\n", p.e.text);
	store_free(p.s);
	arena_release(&p.a);
	return err_exit_status(rc);
}
