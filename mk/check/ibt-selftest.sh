#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Does ibt.py find what it is there to find?  mk/check/ibt-test holds good objects and bad ones, each
# with the words of the complaint it deserves in its first comment line.

set -eu
out=build/check/ibt-test
rm -rf "$out"
mkdir -p "$out"
status=0

build()
{
	gcc -O2 -std=gnu11 -fcf-protection=none -fno-stack-protector -mindirect-branch=thunk-extern \
		-mindirect-branch-register -mfunction-return=thunk-extern -fno-pic -mcmodel=kernel \
		-fno-optimize-sibling-calls -c -o "$2" "$1"
}

build mk/check/ibt-test/compat_good.c "$out/compat_good.o"
build mk/check/ibt-test/good_hook.c "$out/good_hook.o"
python3 mk/check/ibt.py "$out/compat_good.o" "$out/good_hook.o" || { echo "a good object is refused"; status=1; }

for source in mk/check/ibt-test/*bad*.c; do
	name=$(basename "$source" .c)
	expected=$(sed -n 's|^/\* expected: \(.*\) \*/$|\1|p' "$source")
	build "$source" "$out/$name.o"
	if python3 mk/check/ibt.py "$out/compat_good.o" "$out/$name.o" >"$out/$name.log"; then
		echo "$name.c passes; expected: $expected"
		status=1
	elif ! grep -qF "$expected" "$out/$name.log"; then
		echo "$name.c is refused for another reason than '$expected':"
		cat "$out/$name.log"
		status=1
	fi
done
exit $status
