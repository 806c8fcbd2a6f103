#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Coccinelle over kmod/ and tool/: the kernel's own rules that apply to us, and ours in mk/check/cocci.

set -eu
command -v spatch >/dev/null || { echo "spatch (coccinelle) is not installed"; exit 1; }
kernel=$SRC/scripts/coccinelle
[ -d "$kernel" ] || { echo "the kernel's rules are not in $kernel"; exit 1; }
out=$PWD/build/check/cocci
# Some of the rules recurse deeply.
ulimit -s unlimited 2>/dev/null || ulimit -s "$(ulimit -H -s)"
rm -rf "$out"
mkdir -p "$out"

rules="
	api/kfree_mismatch api/memdup api/kstrdup api/err_cast free/kfree free/ifnullfree free/put_device
	iterators/itnull iterators/list_entry_update iterators/use_after_iter
	locks/double_lock locks/flags locks/mini_lock misc/doubleinit misc/newline_in_nl_msg misc/noderef
	misc/semicolon misc/uninitialized_var null/deref_null null/kmerr tests/doubletest tests/odd_ptr_err
	tests/unsigned_lesser_than_zero
"
{
	for rule in $rules; do
		[ -r "$kernel/$rule.cocci" ] || { echo "no such rule: $kernel/$rule.cocci" >&2; exit 1; }
		echo "$kernel/$rule.cocci"
	done
	ls mk/check/cocci/*.cocci
} >"$out/list"

. mk/check/cache.sh
# shellcheck disable=SC2046 # a list of words is meant
cache_open cocci "$0" $(cat "$out/list")
cache_filter kmod/*.c tool/*.c >"$out/files"
[ -s "$out/files" ] || exit 0
# Each file by itself: spatch takes files that follow each other for one program.
sed G "$out/files" >"$out/groups"

# spatch ends with 0 whatever it finds: every line it prints is a finding, except what it says about
# itself on stderr, where only a rule it cannot read counts.
# shellcheck disable=SC2016 # expanded by the inner shell
xargs -a "$out/list" -n 1 -P "$(nproc)" sh -c '
	name=$(basename "$1" .cocci)
	spatch -D report --very-quiet --no-show-diff --timeout 60 --sp-file "$1" --file-groups "$0/groups" \
		>"$0/$name.found" 2>"$0/$name.err" || echo "spatch failed: $1"  >>"$0/$name.found"
	grep -iE "error|exception|timeout" "$0/$name.err" >>"$0/$name.found" || true
' "$out"
cat "$out"/*.found
if grep -q . "$out"/*.found; then
	exit 1
fi
# shellcheck disable=SC2046
cache_passed $(cat "$out/files")
