/* domain_settings.h - "KEY=VALUE" of the command line, into the store. */
#ifndef CLI_DOMAIN_SETTINGS_H
#define CLI_DOMAIN_SETTINGS_H

#include "out/option.h"
#include "store/store.h"

/* Over what is set for the domain already: all of them or, where one is no
 * good, none (ERR_DATA). See core/settings.h. */
enum err
domain_settings_apply(struct store *s, struct span name,
    const struct option_list *assignments, struct wall_time now, bool *found,
    struct error *e) MUST_CHECK;

#endif
