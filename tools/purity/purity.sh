#!/bin/sh
# wire and core are pure: purity.sh LIBRARY
#
# Reads the objects of src/wire and src/core in the static library, and fails
# if one of them needs anything of the system but memory and string functions,
# number formatting and address text, or has writable data. What base offers
# (arena, buffer, ...) may be used; base itself is not looked at, because it is
# where malloc, files and clocks are.
set -eu

lib=$1
allowed='^(
mem(chr|cmp|cpy|move|rchr|set|mem)|bcmp|
str(chr|cmp|len|ncmp|rchr|str|nlen)|
v?snprintf|
inet_(ntop|pton)|
qsort|bsearch|
__stack_chk_fail|
__(mem(cpy|move|set)|v?snprintf)_chk|
__assert_fail|abort|
_GLOBAL_OFFSET_TABLE_|
__(asan|ubsan|tsan|msan|lsan|sanitizer|gcov|llvm_gcov|sancov|odr_asan)_?.*|
__start___sancov.*|__stop___sancov.*
)$'
allowed=$(printf %s "$allowed" | tr -d '\n')

# One line a symbol: object, type, name. An archive may be thin, and its
# members are named after their source: wire_dns.c.o, core_judge.c.o.
symbols=$(nm -A "$lib" | sed 's/^[^:]*:\([^:]*\):/\1 /; s/ [0-9a-f]\{8,16\} / /' |
	awk '{ print $1, $(NF - 1), $NF }')
pure=$(printf '%s\n' "$symbols" | grep -E '(^|[/_])(wire|core)[_/]' || true)
if ! printf '%s\n' "$pure" | grep -q 'wire.* T sts_policy_parse$'; then
	echo "purity: no object of src/wire in $lib" >&2
	exit 1
fi

# What the library itself defines is ours.
own=$(printf '%s\n' "$symbols" | awk '$2 ~ /^[TDRBVW]$/ { print $3 }' | sort -u)
status=0
needs=$(printf '%s\n' "$pure" | awk '$2 == "U" { print $3, $1 }' | sort -u |
	while read -r name object; do
		printf '%s' "$name" | grep -Eq "$allowed" && continue
		printf '%s\n' "$own" | grep -qxF "$name" && continue
		echo "$object needs $name"
	done)
if [ -n "$needs" ]; then
	printf 'purity: not allowed in a pure module:\n%s\n' "$needs" >&2
	status=1
fi

# By section, for nm calls constants with addresses in them (.data.rel.ro) "d"
# too. Sanitizers keep books of their own in writable sections.
writable=$(nm -A -f sysv "$lib" | awk -F '|' '
	$1 ~ /(^|[\/_:])(wire|core)[_\/]/ {
		gsub(/ /, "", $NF)
		name = $1
		sub(/^.*:/, "", name)
		gsub(/ /, "", name)
		if ($NF !~ /^(\.(data|bss|tdata|tbss)|\*COM\*)/ ||
		    $NF ~ /^\.data\.rel\.ro/)
			next
		if (name == $NF || name ~ /^(__asan|__odr_asan|__ubsan|__sancov|__unnamed_|_?\.L|\.data|\.bss)/)
			next
		print $1, $NF
	}')
if [ -n "$writable" ]; then
	printf 'purity: writable data:\n%s\n' "$writable" >&2
	status=1
fi
exit $status
