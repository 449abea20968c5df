/* role.h - what a role is given: its process runs one of these functions until
 * it is told to stop. */
#ifndef ROLES_ROLE_H
#define ROLES_ROLE_H

#include "base/clock.h"
#include "io/random.h"
#include "io/stop.h"
#include "roles/config.h"
#include "roles/log.h"

struct sockets;

struct role_env {
	const struct config *config;
	const struct clock *clock;
	const struct randomness *randomness;
	struct log *log;
	unsigned instance; /* which of its role it is */
	struct sockets *sockets; /* of a role that serves (rights.h) */
	struct stop *stop; /* pulled by SIGTERM: end what is under way, leave */
};

/* In the process SIGTERM and SIGINT are blocked, in every thread, and SIGHUP
 * and SIGPIPE are ignored. Whatever is executed inherits that unless
 * posix_spawnattr_setsigmask and posix_spawnattr_setsigdefault say otherwise.
 *
 * Each returns when stop was pulled (0), or when it cannot go on (an exit
 * status); the supervisor starts it again. */
int
role_monitor(const struct role_env *env);
int
role_notify(const struct role_env *env);
int
role_publish(const struct role_env *env);
int
role_certs(const struct role_env *env);
int
role_edge(const struct role_env *env);
int
role_web(const struct role_env *env);

#endif
