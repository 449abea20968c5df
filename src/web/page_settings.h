/* page_settings.h - the parts of the settings page that have files of their
 * own: the CAs, and what only administrators see. */
#ifndef WEB_PAGE_SETTINGS_H
#define WEB_PAGE_SETTINGS_H

#include "web/page.h"

enum err
settings_cas(struct web_call *c, FILE *f, struct error *e) MUST_CHECK;
enum err
settings_users(struct web_call *c, FILE *f, struct error *e) MUST_CHECK;
enum err
settings_tokens(struct web_call *c, FILE *f, struct error *e) MUST_CHECK;
enum err
settings_audit(struct web_call *c, FILE *f, struct error *e) MUST_CHECK;

#endif
