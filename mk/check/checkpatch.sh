#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# checkpatch --strict over our C files.

set -eu
checkpatch=$SRC/scripts/checkpatch.pl
[ -r "$checkpatch" ] || { echo "checkpatch.pl is not in $SRC/scripts"; exit 1; }

# FILE_PATH_CHANGES: there is no MAINTAINERS file here.
# MACRO_ARG_REUSE, MACRO_ARG_PRECEDENCE, COMPLEX_MACRO: X-macro lists paste tokens; their arguments are
#	names and types, which have no side effects and cannot stand in parentheses.
# MULTISTATEMENT_MACRO_USE_DO_WHILE, TRAILING_SEMICOLON: what an X-macro list expands to is no statement.
# CONST_STRUCT: to impersonate a driver is to write into copies of its function tables.
# LONG_LINE_STRING: a message in one piece can be searched for.
# CAMELCASE: struct Qdisc is the kernel's, the names of libraries are theirs.
always=FILE_PATH_CHANGES,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,COMPLEX_MACRO,LONG_LINE_STRING
always=$always,MULTISTATEMENT_MACRO_USE_DO_WHILE,TRAILING_SEMICOLON,CONST_STRUCT,CAMELCASE
# LINUX_VERSION_CODE, CONSTANT_COMPARISON: to look at the kernel's version is what compat is for.
# NEW_TYPEDEFS, SPACING: the macros there declare functions of a given prototype, which needs a typedef.
compat=LINUX_VERSION_CODE,CONSTANT_COMPARISON,NEW_TYPEDEFS,SPACING
# OPEN_ENDED_LINE, PARENTHESIS_ALIGNMENT: how a TRACE_EVENT is written.
trace=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
# PREFER_KERNEL_TYPES: the command is a user space program and uses stdint.h.
# PREFER_DEFINED_ATTRIBUTE_MACRO, BIT_MACRO: these headers are the kernel's.
# CONSIDER_KSTRTO, SSCANF_TO_KSTRTO: there are no such functions in libc.
# EMBEDDED_FUNCTION_NAME: messages to people use words that are also names of functions.
tool=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,CONSIDER_KSTRTO,SSCANF_TO_KSTRTO,EMBEDDED_FUNCTION_NAME

. mk/check/cache.sh
cache_open checkpatch "$0" "$checkpatch"
mkdir -p build/check/root/include

# run IGNORED FILE...
run()
{
	ignore=$1
	shift
	todo=$(cache_filter "$@")
	[ -n "$todo" ] || return 0
	# checkpatch leaves a cache in the current folder, and looks for the kernel's headers in --root.
	# shellcheck disable=SC2086,SC2046 # lists of words are meant
	(cd build/check && perl "$checkpatch" --no-tree --root=root --strict --terse --show-types \
		--no-summary --max-line-length=100 --ignore "$ignore" -f $(printf '../../%s ' $todo)) \
		>build/check/checkpatch.out 2>&1 || true
	sed 's|^\.\./\.\./||' build/check/checkpatch.out
	for file in $todo; do
		grep -q "^../../$file:" build/check/checkpatch.out || cache_passed "$file"
	done
}

core=
for file in kmod/*.[ch]; do
	case $file in
	kmod/compat* | kmod/trace.h) ;;
	*) core="$core $file" ;;
	esac
done
{
	run $always,$compat kmod/compat*.[ch]
	run $always,$trace kmod/trace.h
	# shellcheck disable=SC2086 # a list of words is meant
	run $always $core uapi/*.h
	run $always,$tool tool/*.[ch]
} >build/check/checkpatch.found
cat build/check/checkpatch.found
[ ! -s build/check/checkpatch.found ]
