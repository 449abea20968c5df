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

nm -D --defined-only "$1" | check "$1"
nm -g --defined-only "$2" | check "$2"
# A check that sees nothing at all is no check.
for lib in "$1" "$2"; do
	nm -g --defined-only "$lib" "$(: )" 2>/dev/null |
		grep -q 'T mtasts_policy_parse$' ||
		nm -D --defined-only "$lib" | grep -q 'T mtasts_policy_parse$'
done
