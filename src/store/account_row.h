/* account_row.h - for this folder: what accounts and tokens have in common. */
#ifndef STORE_ACCOUNT_ROW_H
#define STORE_ACCOUNT_ROW_H

#include "store/accounts.h"

static inline struct sql_value
sql_hash(const uint8_t hash[SECRET_HASH])
{
	return sql_blob((struct span){ (const char *)hash, SECRET_HASH });
}

static inline struct sql_value
sql_scope(enum scope scope)
{
	return sql_text(span_str(scope_names[scope]));
}

enum err
scope_read(struct span word, enum scope *out, struct error *e) MUST_CHECK;

#endif
