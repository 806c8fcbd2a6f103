#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/soak/run.sh: many swaps in one virtual machine, see soak.sh.  SOAK_SWAPS (1000), SOAK_SEED (by the
# clock), SOAK_DRIVER (all three), SOAK_SERIES (6.1).  Writes docs/soak.md when all 1000 or more passed.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
export SOAK_SWAPS=${SOAK_SWAPS:-1000} SOAK_SEED=${SOAK_SEED:-$(($(date +%s) % 32768))} SOAK_DRIVER=${SOAK_DRIVER-}
series=${SOAK_SERIES:-6.1}
log=$top/build/log/$series/soak

command="make soak SOAK_SWAPS=$SOAK_SWAPS SOAK_SEED=$SOAK_SEED${SOAK_DRIVER:+ SOAK_DRIVER=$SOAK_DRIVER}"
echo "soak: $SOAK_SWAPS swaps, seed $SOAK_SEED; again with: $command"
mkdir -p "${log%/*}"
: >"$log.result"
"$top/test/run" -k "$series" "$top/test/soak/soak.sh" &
runner=$!
# The log is made anew by the runner, so it is followed by name; only remarks and failures are shown.
tail -q -n +1 --follow=name --retry --pid=$runner "$log.result" 2>/dev/null | grep --line-buffered ' # \| not ok ' &
wait $runner
code=$?
wait
[ -e "$log.table" ] || exit $code
echo
cat "$log.table"
if [ $code = 0 ] && [ "$SOAK_SWAPS" -ge 1000 ] && [ -z "$SOAK_DRIVER" ]; then
	# shellcheck disable=SC1090 # written by mk/kernel.sh
	. "$top/build/kernel/$series/env"
	{
		echo "<!-- SPDX-License-Identifier: GPL-2.0 -->"
		echo "<!-- Written by test/soak/run.sh -->"
		echo "# A thousand swaps in one virtual machine"
		echo
		echo "    $command"
		echo
		echo "Kernel $KVER ($VERSION), 2 CPUs and three network devices (vmxnet3 on eth0, virtio_net on eth1, e1000 on eth2)"
		echo "under $(qemu-system-x86_64 --version | sed -n 's/.*version \([0-9.]*\).*/QEMU \1/p') without hardware acceleration: the milliseconds are those of an emulator. Traffic ran on all three all"
		cat <<-END
		the time. "open-fail", "probe-early" and "probe-late" are updates to a driver that fails there, "fails at a step" one that
		is made to fail at a random step: each must end with the old driver live. No connection was lost, no byte was wrong,
		nothing grew beyond its bound, and the kernel log was clean; Segue unloaded at the end.
		END
		echo
		cat "$log.table"
	} >"$top/docs/soak.md"
fi
exit $code
