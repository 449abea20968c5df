#!/bin/sh
# Nothing but mtasts_* may be seen of the library: check_symbols.sh SO A
set -eu

check() {
	others=$(awk 'NF && $NF !~ /^mtasts_/ && $NF !~ /:$/ { print $NF }' |
		grep -Ev '^(__asan_|__odr_asan|__sanitizer|__ubsan|_init$|_fini$)' || true)
	if [ -n "$others" ]; then
		printf '%s exports:\n%s\n' "$1" "$others" >&2
		return 1
	fi
}

shared=$(nm -D --defined-only "$1")
static=$(nm -g --defined-only "$2")
printf '%s\n' "$shared" | check "$1"
printf '%s\n' "$static" | check "$2"
# A check that sees nothing at all is no check.
printf '%s\n' "$shared" | grep -q ' T mtasts_policy_parse$'
printf '%s\n' "$static" | grep -q ' T mtasts_policy_parse$'
