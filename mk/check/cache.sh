# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Sourced by the checks that look at each file for itself: what passed once is not looked at again until
# it, the rules or the tool changes.
#
#	cache_open NAME RULE...		RULE: files that the verdict depends on beside the file itself
#	cache_filter FILE...		print those that have not passed yet
#	cache_passed FILE...		remember that they passed

cache_open()
{
	cache_name=$1
	shift
	cache_rules=$(cat "$@" | sha256sum | cut -c1-16)
	mkdir -p build/check/passed
}

cache_stamp()
{
	echo "build/check/passed/$cache_name-$( (echo "$cache_rules $1"; cat "$1") | sha256sum | cut -c1-32)"
}

cache_filter()
{
	for cache_file in "$@"; do
		[ -e "$(cache_stamp "$cache_file")" ] || echo "$cache_file"
	done
}

cache_passed()
{
	for cache_file in "$@"; do
		: >"$(cache_stamp "$cache_file")"
	done
}
