#!/bin/sh
# test_postgres.sh - run a test program against a PostgreSQL server of its own.
#
#	test_postgres.sh PROGRAM [ARGUMENT ...]
#
# The server lives in a scratch folder, listens on a socket there and nowhere
# else, does not wait for the disk, and ends with the program. STORE_URL tells
# the program where it is. PostgreSQL refuses to run as root; started by root,
# the server runs as the user postgres.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
	echo '1..0 # SKIP there is no PostgreSQL server here'
	exit 0
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/mtasts-pg-XXXXXX")
as=
if [ "$(id -u)" = 0 ]; then
	as='runuser -u postgres --'
	chown postgres "$scratch"
fi

finish() {
	(cd "$scratch" && $as "$bin/pg_ctl" -D "$scratch/data" -m immediate stop) \
	    >/dev/null 2>&1 || true
	rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

here=$PWD
cd "$scratch"
if ! $as "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync \
    --no-instructions >"$scratch/log" 2>&1 ||
    ! $as "$bin/pg_ctl" -D data -w -t 120 -l "$scratch/server.log" -o "-k '$scratch' -c listen_addresses= \
	-c fsync=off -c full_page_writes=off -c shared_buffers=32MB" start \
	>>"$scratch/log" 2>&1; then
	cat "$scratch/log" >&2
	echo 'Bail out! PostgreSQL did not start'
	exit 1
fi
cd "$here"

STORE_URL="postgresql:///postgres?host=$scratch&user=postgres"
export STORE_URL
"$@"
