/* zone_file.h - the mail domains of a zone file (RFC 1035 5). */
#ifndef IO_ZONE_FILE_H
#define IO_ZONE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/span.h"

struct zone_file_reader {
	/* A name that has an MX record: canonical, valid as a domain of mail.
	 * Borrowed for the call; may come again if its records do not stand
	 * together. False stops the reading. */
	bool (*take)(void *arg, struct span name);
	void *arg;
};

/* Read f, from where it stands to its end, as a zone file whose names are
 * relative to origin ("" if it has a $ORIGIN of its own). Names with a null MX
 * (RFC 7505) only, wildcards and names with an underscore are no mail domains
 * and are passed over. Memory does not grow with the file.
 *
 * ERR_DATA with the line in e if the file is no zone file or asks for another
 * ($INCLUDE is not followed); names before that line were taken. */
enum err
zone_file_read(FILE *f, struct span origin, const struct zone_file_reader *r,
    struct error *e) MUST_CHECK;

#endif
