/* bench_https - certificates, a server and its clients, for bench/https.
 *
 *	bench_https make STORE N FOLDER N_PEM
 *	bench_https serve STORE PORT PLAIN_PORT
 *	bench_https load MODE PORT TOTAL AT_ONCE NAMES HOT
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "bench/https_host.h"

static unsigned
number(const char *s)
{
	uint64_t n = 0;

	if (!num_parse(span_str(s), UINT32_MAX, &n))
		fprintf(stderr, "bench_https: no number: %s\n", s);
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "make") == 0 && argc == 6)
		return https_make(
		    argv[2], number(argv[3]), argv[4], number(argv[5]));
	if (strcmp(what, "serve") == 0 && argc == 5)
		return https_serve(argv[2], (uint16_t)number(argv[3]),
		    (uint16_t)number(argv[4]));
	if (strcmp(what, "load") == 0 && argc == 8)
		return https_load(&(struct https_load){
		    .mode = argv[2],
		    .port = (uint16_t)number(argv[3]),
		    .total = number(argv[4]),
		    .at_once = number(argv[5]),
		    .names = number(argv[6]),
		    .hot = number(argv[7]),
		});
	fprintf(stderr, "usage: bench_https make|serve|load ...\n");
	return 64;
}
