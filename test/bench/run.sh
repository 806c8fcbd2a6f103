#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/bench/run.sh: measures in two virtual machines, one after the other, and writes docs/bench.md and
# docs/bench.csv.  BENCH_SERIES (6.1), BENCH_OUT (docs), BENCH_DRIVER (all): the last two for trying things out.

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
	cat "$top/test/bench/$1.sh"
	echo "only=${BENCH_DRIVER-}"
	echo "tools()"
	echo "{"
	echo "	base64 -d <<'END' | tar -xzf - -C /tmp"
	tar -C "$work" -czf - tools | base64
	echo "END"
	echo "}"
}

rm -f "$log"/bench-*.rows
for name in bench-pause bench-cost; do
	[ -z "${BENCH_ONLY-}" ] || [ "$BENCH_ONLY" = $name ] || continue
	scenario $name >"$work/$name.sh"
	"$top/test/run" -k "$series" "$work/$name.sh" | grep -v ' passed, ' || code=1
	grep -q ' done$' "$log/$name.result" || code=1
	! grep -q ' not ok ' "$log/$name.result" || code=1
done
[ $code = 0 ] || die "not everything was measured; the tables are not written"
"$top/test/bench/report.py" --kernel "$KVER" --version "$VERSION" --out "$out" "$log"/bench-*.rows
