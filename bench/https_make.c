#include <openssl/ec.h>
#include <openssl/pem.h>
#include <sqlite3.h>
#include <stdio.h>

#include "bench/https_host.h"
#include "serve/test_identity.h"

/* Making a key takes longer than all the rest, and a server cannot tell that
 * names share one. */
enum { KEYS = 64 };

static void
put_pem(FILE *f, const char *name, struct span der)
{
	PEM_write(f, name, "", (const unsigned char *)der.p, (long)der.n);
}

static int
write_pem(const char *folder, const char *name, const struct test_leaf *leaf,
    const struct test_ca *ca)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.pem", folder, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	put_pem(f, "CERTIFICATE",
	    span_head(leaf->chain, leaf->chain.n - ca->der.n));
	put_pem(f, "CERTIFICATE", ca->der);
	put_pem(f, "EC PRIVATE KEY", leaf->key);
	return fclose(f) != 0;
}

static int
insert(sqlite3_stmt *st, const char *name, const struct test_leaf *leaf)
{
	int rc;

	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(
	    st, 2, leaf->chain.p, (int)leaf->chain.n, SQLITE_STATIC);
	sqlite3_bind_blob(st, 3, leaf->key.p, (int)leaf->key.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	sqlite3_reset(st);
	return rc != SQLITE_DONE;
}

static int
fill(sqlite3_stmt *st, unsigned n, const char *folder, unsigned n_pem)
{
	struct test_ca ca = test_ca_new();
	EVP_PKEY *keys[KEYS];
	int failed = 0;

	for (unsigned i = 0; i < KEYS; i++)
		keys[i] = EVP_EC_gen("P-256");
	for (unsigned i = 0; i < n && !failed; i++) {
		struct test_leaf leaf;
		char name[64];

		snprintf(name, sizeof name, HTTPS_NAME, i);
		leaf = test_leaf_new(&ca, name, keys[i % KEYS]);
		failed = insert(st, name, &leaf) ||
			 (i < n_pem && write_pem(folder, name, &leaf, &ca));
		test_leaf_free(&leaf);
	}
	for (unsigned i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
	test_ca_free(&ca);
	return failed;
}

int
https_make(const char *store, unsigned n, const char *folder, unsigned n_pem)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int failed =
	    sqlite3_open(store, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		"CREATE TABLE certificate (name TEXT PRIMARY KEY, chain BLOB,"
		" key BLOB) WITHOUT ROWID; BEGIN",
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "INSERT INTO certificate VALUES (?, ?, ?)",
		-1, &st, NULL) != SQLITE_OK ||
	    fill(st, n, folder, n_pem);

	sqlite3_finalize(st);
	failed |= sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK;
	if (failed)
		fprintf(stderr, "bench_https: %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	return failed;
}
