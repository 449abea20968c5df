/* domain_list.h - domains as a person names them: on the command line, in a
 * list, in a zone file or a name server. */
#ifndef CLI_DOMAIN_LIST_H
#define CLI_DOMAIN_LIST_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

struct domain_list {
	struct arena *a; /* the caller's */
	struct span *names; /* canonical: see io/idn.h */
	size_t n, cap;
	/* Where a list's lines that hold no domain are told, each of them;
	 * NULL: the first one is an error. */
	FILE *faults;
};

/* ERR_DATA with a sentence in e if text is no domain. */
enum err
domain_list_add(
    struct domain_list *l, struct span text, struct error *e) MUST_CHECK;

/* The domains in a file, one a line; "#" begins a comment, "-" is standard
 * input. If one of them is none, ERR_DATA: the line stands in e, or all such
 * lines went to faults, and e counts them. */
enum err
domain_list_file(
    struct domain_list *l, const char *path, struct error *e) MUST_CHECK;

/* Each name once, where it first stood. */
enum err
domain_list_once(struct domain_list *l, struct error *e) MUST_CHECK;

/* The mail domains of a zone file, see io/zone_file.h; each once. */
enum err
domain_list_zone(struct domain_list *l, const char *path, struct span origin,
    struct error *e) MUST_CHECK;

/* The mail domains of a zone that a name server gives away, see
 * io/zone_transfer.h; each once. from is "ZONE@SERVER", with the server as in
 * io/endpoint.h; key_file holds a TSIG key, or is NULL. */
enum err
domain_list_axfr(struct domain_list *l, const char *from, const char *key_file,
    struct error *e) MUST_CHECK;

#endif
