#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mk/test.sh JOBS: the checks, every scenario on the first kernel, some on the second; then how many
# passed and failed of all of them together.

set -u
cd "$(dirname "$0")/.." || exit 1
jobs=${1:-2}

# Of the scenarios with disks and with sound cards those that find most; the others run by test/run.
first_kernel="net-* tool-* vm-boots vm-drivers block-virtio-basic block-nvme-basic block-ahci-basic
	block-virtio-failing block-virtio-degraded sound-ens1370-basic"

# What differs between kernels is how a driver is swapped, not what the scenarios do around it.
second_kernel="net-e1000-basic net-e1000-failing net-virtio-net-basic net-vmxnet3-basic block-virtio-basic"

mkdir -p build/log
SEGUE_TALLY=$PWD/build/log/tally
export SEGUE_TALLY
: >"$SEGUE_TALLY"
code=0

make -s check 2>&1 | tee build/log/check.log | grep -v '^[0-9]* passed, [0-9]* failed$'
[ "${PIPESTATUS[0]}" = 0 ] || code=1
sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' build/log/check.log | tail -n 1 >>"$SEGUE_TALLY"
# A check that could not even start counts as one failure.
[ "$code" = 0 ] || [ -s "$SEGUE_TALLY" ] || echo 0 1 >>"$SEGUE_TALLY"

run()
{
	local before after

	before=$(wc -l <"$SEGUE_TALLY")
	test/run -j "$jobs" "$@" || code=1
	after=$(wc -l <"$SEGUE_TALLY")
	# Nothing was counted: the build before the scenarios failed.
	[ "$after" -gt "$before" ] || echo 0 1 >>"$SEGUE_TALLY"
}

echo "--- scenarios on Debian's 6.1"
set -f
# shellcheck disable=SC2086 # a list of words is meant; test/run expands the patterns
run -k 6.1 $first_kernel
echo "--- scenarios on Debian's 6.12"
# shellcheck disable=SC2086 # a list of words is meant
run -k 6.12 $second_kernel

awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed }' "$SEGUE_TALLY"
exit $code
