#!/bin/sh
# One object of all objects of an archive, hidden symbols local, as an archive:
# localize.sh LD OBJCOPY AR IN.a OUT.a
set -eu

object=$5.o
"$1" -r -o "$object" --whole-archive "$4"
"$2" --localize-hidden "$object"
rm -f "$5"
"$3" rcs "$5" "$object"
rm -f "$object"
