#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/crash/run.sh: cuts the power of a virtual machine at random moments inside of swaps, boots it again, and looks
# whether every write that was acknowledged is on the disks, which have a volatile cache.  Writes docs/crash.csv, a line
# for each cut, and docs/crash.md.
#
# CRASH_KILLS (100), CRASH_SEED (of the clock; printed), CRASH_SERIES (6.1), CRASH_DRIVERS (virtio_blk,nvme,ahci).
# CRASH_MORE=1 adds to the table instead of beginning a new one.  CRASH_PLAIN=1 cuts the power without any swap;
# CRASH_LYING=1 makes the disks forget what was flushed: then it must fail.  Neither of these two writes the table.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
series=${CRASH_SERIES:-6.1}
kills=${CRASH_KILLS:-100}
seed=${CRASH_SEED:-$(date +%s)}
chosen=${CRASH_DRIVERS:-virtio_blk,nvme,ahci}
log=$top/build/log/$series/crash
scenario=$top/test/crash/crash.sh
table=$top/docs/crash.csv

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
[ -z "${CRASH_PLAIN-}${CRASH_LYING-}" ] || table=$log.csv
[ -n "${CRASH_MORE-}" ] && [ -e "$table" ] || echo "kernel,seed,cut,driver,to,rest_ms,phase,after" >"$table"
# shellcheck disable=SC2086 # a list of words is meant
scenario_archive "$images/scenario.cpio" "$scenario" "$series" $DRIVERS

# boot SEED WORD: one life of the machine.
boot()
{
	"$top/test/lib/vm" --kernel "$VMLINUZ" --log "$log" --disks "$VM_DISKS" --images "$images" \
		--initrd "$top/build/vm/base.cpio" --initrd "$top/build/vm/disk.cpio" \
		--initrd "$top/build/vm/modules-disk-$series.cpio" --initrd "$images/scenario.cpio" \
		--power-cut "$1" ${CRASH_LYING:+--lying-disks} --timeout "$VM_TIMEOUT" \
		--append "tp_printk crash=$2 crash.seed=$1 crash.drivers=$chosen" 2>&1
}

# Where the swap was when the power was cut, by the last line of the console: "STEP", "undo STEP", "before" or "after".
phase()
{
	local names=(check capture cover stop start compare replay verify uncover) last

	last=$(grep -a -o 'segue_\(step\|swap\): .* event=[0-9]* \(step\|result\)=[0-9]* ' "$log.console" | tail -n 1)
	# The first update of each life is not disturbed.
	if [[ $last =~ swap=1\  ]]; then
		echo before
	elif [[ $last =~ segue_step:.*\ event=([12])\ step=([0-9]+) ]]; then
		echo "${names[BASH_REMATCH[2]]}"
	elif [[ $last =~ segue_step:.*\ event=([34])\ step=([0-9]+) ]]; then
		echo "undo ${names[BASH_REMATCH[2]]}"
	elif [[ $last =~ segue_swap:.*\ event=0\  ]]; then
		echo check
	else
		echo after
	fi
}

echo "crash: seed $seed"
code=0
# What the last life noted before its end; the next one tells how it went.
words=
for ((n = 1; n <= kills; n++)); do
	verdict=$(boot $((seed + n)) "${CRASH_PLAIN:+plain}") || code=1
	[ -z "$words" ] || echo "$words,$([ $code = 0 ] && echo intact || echo LOST)" >>"$table"
	words=
	printf '%-4s %3d  %-16s %s\n' "$([ $code = 0 ] && echo ok || echo FAIL)" $n "$(phase)" "$verdict"
	[ $code = 0 ] || break
	words=$(sed -n 's/.*# update of \([a-z_]*\) to \([a-z0-9-]*\), each step \([0-9]*\) ms .*/\1,\2,\3/p' "$log.result")
	[ -z "$words" ] || words="$KVER,$seed,$n,$words,$(phase)"
done
if [ $code = 0 ]; then
	verdict=$(boot $((seed + n)) check) || code=1
	[ -z "$words" ] || echo "$words,$([ $code = 0 ] && echo intact || echo LOST)" >>"$table"
	printf '%-4s end  %s\n' "$([ $code = 0 ] && echo ok || echo FAIL)" "$verdict"
fi
[ $code = 0 ] || grep -A 12 'not ok' "$log.result" | head -n 40
echo "crash: $((n - 1)) power cuts with seed $seed"
[ "$table" = "$log.csv" ] || "$top/test/crash/report.py" "$table" "$top/docs/crash.md"
exit $code
