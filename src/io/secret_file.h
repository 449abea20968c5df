/* secret_file.h - a small file that holds a secret, and that nobody but its
 * owner may read. */
#ifndef IO_SECRET_FILE_H
#define IO_SECRET_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* The whole file into b, which is wiped by the caller whatever comes of it.
 * ERR_NO_INPUT if it cannot be read or others may read or write it, ERR_DATA if
 * it does not leave an octet of b free. */
enum err
secret_file_read(const char *path, struct buf *b, struct error *e) MUST_CHECK;

#endif
