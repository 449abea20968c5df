/* fresh_id.h - an id for the record that was never one before. */
#ifndef CLI_FRESH_ID_H
#define CLI_FRESH_ID_H

#include "base/err.h"
#include "core/publication.h"

/* Hexadecimal digits by random, NUL-terminated. */
enum err
fresh_id(char out[PUBLICATION_ID_OCTETS + 1], struct error *e) MUST_CHECK;

#endif
