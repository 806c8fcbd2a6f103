#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The compiler's path analysis over the command.  It needs the optimiser to see through small functions.

set -eu
ls tool/*.c >/dev/null
flags=$(pkg-config --cflags libmnl libelf libkmod zlib liblzma libzstd)
. mk/check/cache.sh
cache_open analyzer "$0" tool/*.h uapi/*.h
status=0
for file in $(cache_filter tool/*.c); do
	# shellcheck disable=SC2086 # a list of words is meant
	gcc -std=gnu11 -D_GNU_SOURCE -Iuapi -Itool $flags -O2 -Wall -Wextra -Wno-unused-parameter -Werror \
		-fanalyzer -c -o /dev/null "$file" &&
		cache_passed "$file" || status=1
done
exit $status
