/* config_keys.h - every key of the configuration, as a file that says what each
 * does and sets none. */
#ifndef ROLES_CONFIG_KEYS_H
#define ROLES_CONFIG_KEYS_H

#include <stdio.h>

void
config_print_keys(FILE *f);

#endif
