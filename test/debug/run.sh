#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/debug/run.sh [-v] [-j JOBS] [PATTERN]...: the scenarios of test/run on the debug kernel.  Each gets more
# memory and time, and ends with a kmemleak scan after Segue is unloaded.  KASAN, lockdep and the other
# checkers speak in the kernel log, which every scenario searches anyway.
#
# The summary, with every complaint of a checker, is build/log/debug/summary.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1

options=()
while getopts "vj:" option; do
	case $option in
	v) options+=(-v) ;;
	j) options+=(-j "$OPTARG") ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))

mk/kernel.sh debug || exit 1

dir=build/debug-scenario
rm -rf "$dir"
mkdir -p "$dir"
files=()
for pattern in "${@:-*}"; do
	for file in test/scenario/$pattern.sh; do
		[ -f "$file" ] || { echo "no scenario matches '$pattern'" >&2; exit 1; }
		copy=$dir/$(basename "$file")
		{
			cat "$file"
			cat test/debug/scenario.sh
		} >"$copy"
		files+=("$copy")
	done
done

test/run -k debug "${options[@]}" "${files[@]}"
code=$?

{
	for file in "${files[@]}"; do
		name=$(basename "$file" .sh)
		grep -h 'not ok' "build/log/debug/$name.result" 2>/dev/null | sed "s/^/$name: /"
		tr -d '\r' <"build/log/debug/$name.console" 2>/dev/null |
			grep -E 'BUG:|WARNING:|KASAN|possible (circular|recursive)|ODEBUG|DMA-API|suspicious RCU|unreferenced object' |
			sort -u | sed "s/^/$name: /"
	done
} >build/log/debug/summary
echo "complaints: $(grep -c . build/log/debug/summary), in build/log/debug/summary"
exit $code
