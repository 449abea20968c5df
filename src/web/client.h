/* client.h - who has sent a request, behind proxies too. */
#ifndef WEB_CLIENT_H
#define WEB_CLIENT_H

#include "web/web.h"

bool
client_is_proxy(const struct web_config *config, struct ip_addr a);

/* Each proxy adds to X-Forwarded-For whom it has heard, at the end; what a
 * stranger put in front of that is not looked at. Where a proxy says nothing
 * that is understood it is the client. */
struct ip_addr
client_find(const struct web_config *config, const struct http_request *http);

#endif
