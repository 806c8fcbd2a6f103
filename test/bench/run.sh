#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/bench/run.sh: measures, for drivers of networks, disks and sound cards, in two virtual machines each, one after the
# other, and writes docs/bench.md and docs/bench.csv, docs/bench-block.* and docs/bench-sound.*.  BENCH_ONLY=net, block or
# sound does one of them.  BENCH_SERIES (6.1), BENCH_OUT (docs), BENCH_DRIVER (all): the last two for trying things out.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
series=${BENCH_SERIES:-6.1}
out=${BENCH_OUT:-$top/docs}
work=$top/build/bench
log=$top/build/log/$series
code=0

die()
{
	echo "bench: $*" >&2
	exit 1
}

"$top/mk/kernel.sh" "$series" || exit 1
# shellcheck disable=SC1090 # written by mk/kernel.sh
. "$top/build/kernel/$series/env"
mkdir -p "$work/where" "$work/tools" "$log"
cp "$top/test/bench/where"/{Kbuild,where.c} "$work/where/"
make -s -C "$KDIR" M="$work/where" CONFIG_DEBUG_INFO_BTF_MODULES= KCFLAGS=-g0 modules >"$work/where/log" 2>&1 ||
	die "test/bench/where does not build; see $work/where/log"
strip --strip-debug -o "$work/tools/where.ko" "$work/where/where.ko"
gcc-12 -O2 -Wall -Wextra -o "$work/tools/cost" "$top/test/bench/cost.c" || die "test/bench/cost.c does not build"

# The scenario with its tools inside.
scenario()
{
	echo "rows=$1.rows"
	echo "only=${BENCH_DRIVER-}"
	cat "$top/test/bench/measure.sh" "$top/test/bench/$1.sh"
	echo "tools()"
	echo "{"
	echo "	base64 -d <<'END' | tar -xzf - -C /tmp"
	tar -C "$work" -czf - tools | base64
	echo "END"
	echo "}"
}

# measure PART SCENARIO...
measure()
{
	local part=$1 name rows=()
	shift

	for name in "$@"; do
		rm -f "$log/$name".*
		scenario "$name" >"$work/$name.sh"
		"$top/test/run" -k "$series" "$work/$name.sh" | grep -v ' passed, ' || code=1
		grep -q ' done$' "$log/$name.result" || code=1
		! grep -q ' not ok ' "$log/$name.result" || code=1
		rows+=("$log/$name.rows")
	done
	[ $code = 0 ] || die "not everything was measured; the tables are not written"
	"$top/test/bench/report.py" --part "$part" --kernel "$KVER" --version "$VERSION" --out "$out" "${rows[@]}"
}

case ${BENCH_ONLY-} in
"" | net | block | sound) ;;
*) die "BENCH_ONLY is net, block or sound" ;;
esac
[[ ${BENCH_ONLY:-net} != net ]] || measure net bench-pause bench-cost
[[ ${BENCH_ONLY:-block} != block ]] || measure block bench-block-pause bench-block-cost
[[ ${BENCH_ONLY:-sound} != sound ]] || measure sound bench-sound-pause bench-sound-cost
