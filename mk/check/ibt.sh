#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Unexported kernel functions are called directly only: see ibt.py.  Looks at the objects of build-6.1 and
# build-6.12, those that are compiled from a source file each.

set -eu
status=0
for series in 6.1 6.12; do
	set --
	for source in kmod/*.c; do
		object=build/check/$series/kmod/$(basename "$source" .c).o
		[ -f "$object" ] || { echo "$object is missing; does check build-$series pass?"; exit 1; }
		set -- "$@" "$object"
	done
	python3 mk/check/ibt.py "$@" || status=1
done
exit $status
