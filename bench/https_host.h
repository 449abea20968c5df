/* https_host.h - what the programs of bench/https share: the names, and the
 * file of their certificates. */
#ifndef BENCH_HTTPS_HOST_H
#define BENCH_HTTPS_HOST_H

#include <stdint.h>

#define HTTPS_NAME "mta-sts.n%06u.example"
#define HTTPS_POLICY                                                           \
	"version: STSv1\r\nmode: enforce\r\nmx: mx1.mail.example\r\n"          \
	"mx: mx2.mail.example\r\nmx: *.backup.example\r\nmax_age: 1209600\r\n"

/* Write certificates of n names into an SQLite file, and the first n_pem of
 * them, with their keys, as folder/NAME.pem too. */
int
https_make(const char *store, unsigned n, const char *folder, unsigned n_pem);

/* Serve the names of the file until SIGTERM, then print the server's counts. */
int
https_serve(const char *store, uint16_t port, uint16_t plain_port);

struct https_load {
	const char *mode; /* cold, hello, idle or slow */
	uint16_t port;
	unsigned total; /* connections */
	unsigned at_once;
	unsigned names; /* drawn from the first so many */
	unsigned hot; /* ... and of 100 draws 95 from so many; 0: none */
};

/* Print what became of it: "done failed seconds p50_ms p99_ms". */
int
https_load(const struct https_load *l);

#endif
