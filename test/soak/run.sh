#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/soak/run.sh: many swaps in one virtual machine.  SOAK_CLASS: net (soak.sh) or sound (scenario/sound-swaps.sh);
# SOAK_SWAPS (1000, of sound 500), SOAK_SEED (by the clock), SOAK_DRIVER (of net; all three), SOAK_SERIES (6.1).  Writes
# docs/soak.md or docs/soak-sound.md when as many or more passed.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
class=${SOAK_CLASS:-net}
case $class in
net)
	scenario=$top/test/soak/soak.sh
	least=1000
	report=$top/docs/soak.md
	;;
sound)
	scenario=$top/test/scenario/sound-swaps.sh
	least=500
	report=$top/docs/soak-sound.md
	;;
*)
	echo "soak: SOAK_CLASS is net or sound" >&2
	exit 1
	;;
esac
export SOAK_SWAPS=${SOAK_SWAPS:-$least} SOAK_SEED=${SOAK_SEED:-$(($(date +%s) % 32768))} SOAK_DRIVER=${SOAK_DRIVER-}
series=${SOAK_SERIES:-6.1}
log=$top/build/log/$series/$(basename "$scenario" .sh)

command="make soak SOAK_SWAPS=$SOAK_SWAPS SOAK_SEED=$SOAK_SEED${SOAK_DRIVER:+ SOAK_DRIVER=$SOAK_DRIVER}"
[ "$class" = net ] || command+=" SOAK_CLASS=$class"
[ "$series" = 6.1 ] || command+=" SOAK_SERIES=$series"

heading_net()
{
	echo "# A thousand swaps in one virtual machine"
	echo
	echo "    $command"
	echo
	echo "Kernel $KVER ($VERSION), 2 CPUs and three network devices (vmxnet3 on eth0, virtio_net on eth1, e1000 on eth2)"
	echo "under $qemu without hardware acceleration: the milliseconds are those of an emulator. Traffic ran on all three all"
	cat <<-END
	the time. "open-fail", "probe-early" and "probe-late" are updates to a driver that fails there, "fails at a step" one that
	is made to fail at a random step: each must end with the old driver live. No connection was lost, no byte was wrong,
	nothing grew beyond its bound, and the kernel log was clean; Segue unloaded at the end.
	END
}

heading_sound()
{
	echo "# $SOAK_SWAPS swaps in one playback"
	echo
	echo "    $command"
	echo
	echo "Kernel $KVER ($VERSION), one CPU and snd-ens1370 on an ES1370 card under $qemu,"
	cat <<-END
	whose time goes by as instructions do (\`-icount\`): the milliseconds are those of a slow machine. One \`aplay\` played all the
	time. "probe-early" and "probe-late" are updates to a driver that fails there, "fails at a step" one that is made to fail at
	a random step: each must end with the old driver live. Drivers of sound cards let themselves be asked 32 times; each swap
	here was asked of a copy that had not been. aplay saw no xrun, no event came, nothing grew beyond its bound, and the kernel
	log was clean; Segue unloaded at the end. What the card played:

	END
	sed -n 's/.*swaps: aplay: \(the recording has\)/    \1/p' "$log.result"
}

echo "soak: $SOAK_SWAPS swaps, seed $SOAK_SEED; again with: $command"
mkdir -p "${log%/*}"
: >"$log.result"
"$top/test/run" -k "$series" "$scenario" &
runner=$!
# The log is made anew by the runner, so it is followed by name; only remarks and failures are shown.
tail -q -n +1 --follow=name --retry --pid=$runner "$log.result" 2>/dev/null | grep --line-buffered ' # \| not ok ' &
wait $runner
code=$?
wait
[ -e "$log.table" ] || exit $code
echo
cat "$log.table"
if [ $code = 0 ] && [ "$SOAK_SWAPS" -ge "$least" ] && [ -z "$SOAK_DRIVER" ]; then
	# shellcheck disable=SC1090 # written by mk/kernel.sh
	. "$top/build/kernel/$series/env"
	qemu=$(qemu-system-x86_64 --version | sed -n 's/.*version \([0-9.]*\).*/QEMU \1/p')
	{
		echo "<!-- SPDX-License-Identifier: GPL-2.0 -->"
		echo "<!-- Written by test/soak/run.sh -->"
		case $class in
		net) heading_net ;;
		sound) heading_sound ;;
		esac
		echo
		cat "$log.table"
	} >"$report"
fi
exit $code
