/* store_folder.h - where the store's file lies, where it is a file: SQLite puts
 * others beside it. */
#ifndef ROLES_STORE_FOLDER_H
#define ROLES_STORE_FOLDER_H

#include "base/arena.h"
#include "base/err.h"

/* From a. NULL: the store is no file; or a is full. */
const char *
store_folder(const char *store, struct arena *a);

/* As root: make the last part of the folder, for the user, if it is missing.
 * user may be NULL: for root. */
enum err
store_folder_make(
    const char *folder, const char *user, struct error *e) MUST_CHECK;

/* As who works with it: may the store be read and written? */
enum err
store_folder_check(
    const char *store, struct arena *a, struct error *e) MUST_CHECK;

#endif
