/* read_file.h - a whole file, or standard input, up to a limit. */
#ifndef IO_READ_FILE_H
#define IO_READ_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* "-" is standard input. ERR_NO_INPUT with a sentence in e if it cannot be
 * read, ERR_LIMIT if it holds more than max bytes. */
enum err
read_file(const char *path, size_t max, struct arena *a, struct span *out,
    struct error *e) MUST_CHECK;

#endif
