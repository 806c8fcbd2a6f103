#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/crash/run.sh: cuts the power of a virtual machine at random moments inside of swaps, boots it again, and looks
# whether every write that was acknowledged is on the disks, which have a volatile cache.
#
# CRASH_KILLS (100), CRASH_SEED (of the clock; printed), CRASH_SERIES (6.1), CRASH_DRIVERS (virtio_blk,nvme,ahci).  CRASH_PLAIN=1 cuts it without any swap;
# CRASH_LYING=1 makes the disks forget what was flushed: then it must fail.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
series=${CRASH_SERIES:-6.1}
kills=${CRASH_KILLS:-100}
seed=${CRASH_SEED:-$(date +%s)}
log=$top/build/log/$series/crash
scenario=$top/test/crash/crash.sh

# shellcheck disable=SC2317 # initramfs.sh calls it
die()
{
	echo "crash: $*" >&2
	exit 1
}

# shellcheck source=test/lib/initramfs.sh
. "$top/test/lib/initramfs.sh"
# shellcheck source=test/crash/crash.sh
. "$scenario"
"$top/test/run" -k "$series" -b "$scenario" || exit 1
# shellcheck disable=SC1090 # written by mk/kernel.sh
. "$top/build/kernel/$series/env"

images=$(mktemp -d)
trap 'rm -rf "$images"' EXIT
mkdir -p "$(dirname "$log")"
rm -f "$log".*
# shellcheck disable=SC2086 # a list of words is meant
scenario_archive "$images/scenario.cpio" "$scenario" "$series" $DRIVERS

# boot SEED WORD: one life of the machine.
boot()
{
	"$top/test/lib/vm" --kernel "$VMLINUZ" --log "$log" --disks "$VM_DISKS" --images "$images" \
		--initrd "$top/build/vm/base.cpio" --initrd "$top/build/vm/disk.cpio" \
		--initrd "$top/build/vm/modules-disk-$series.cpio" --initrd "$images/scenario.cpio" \
		--power-cut "$1" ${CRASH_LYING:+--lying-disks} --append "crash=$2 crash.seed=$1 crash.drivers=${CRASH_DRIVERS:-virtio_blk,nvme,ahci}" --timeout "$VM_TIMEOUT" 2>&1
}

echo "crash: seed $seed"
: >"$log.steps"
code=0
for ((n = 1; n <= kills; n++)); do
	verdict=$(boot $((seed + n)) "${CRASH_PLAIN:+plain}") || code=1
	step=$(sed -n 's/.*# at \([a-z]*\) of \([a-z_]*\)$/\2 \1/p' "$log.result" | tail -n 1)
	echo "${step:-none}" >>"$log.steps"
	printf '%-4s %3d  %-20s %s\n' "$([ $code = 0 ] && echo ok || echo FAIL)" $n "${step:-no swap}" "$verdict"
	[ $code = 0 ] || break
done
if [ $code = 0 ]; then
	verdict=$(boot $((seed + n)) check) || code=1
	printf '%-4s end  %s\n' "$([ $code = 0 ] && echo ok || echo FAIL)" "$verdict"
fi
[ $code = 0 ] || grep -A 12 'not ok' "$log.result" | head -n 40
echo "crash: $((n - 1)) power cuts with seed $seed; the last step that was reported before them:"
sort "$log.steps" | uniq -c
exit $code
