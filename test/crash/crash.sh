# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034 # run.sh and guest-block.sh use what is set here
#
# The scenario of test/crash/run.sh: looks whether everything is there that was promised before the power cut, then
# writes and updates until the next one.
DESCRIPTION="power cuts inside of swaps"
# The third disk is there if its driver is asked for.
VM_DISKS="virtio-blk:64M nvme:64M"
[[ ${CRASH_DRIVERS:-ahci} != *ahci* ]] || VM_DISKS+=" ahci:64M"
DRIVERS="virtio_blk:v2 virtio_blk:v3 virtio_blk:probe-early nvme:v2 nvme:v3 nvme:probe-early ahci:v2 ahci:v3
	ahci:probe-early"
VM_TIMEOUT=180

# The jobs, always under the same numbers.
jobs_start()
{
	io_start append ring sqlite /mnt/vda1
	io_start append ring /mnt/nvme0n1p1
	io_start ring /dev/vda2
	io_start ring /dev/nvme0n1p2
	[ ! -b /dev/sda ] || io_start append ring /mnt/sda
}

# What jobs_start would set, without starting anything.
jobs_known()
{
	io_jobs=(append ring sqlite append ring ring ring)
	[ ! -b /dev/sda ] || io_jobs+=(append ring)
	io_paths=(/mnt/vda1/append0 /mnt/vda1/ring1 /mnt/vda1/sqlite2 /mnt/nvme0n1p1/append3 /mnt/nvme0n1p1/ring4 /dev/vda2
		/dev/nvme0n1p2 /mnt/sda/append7 /mnt/sda/ring8)
}

# What the kernel writes on the console when a step begins, with "tp_printk"; numbers as in uapi/segue.h.
steps_traced()
{
	echo 1 >/sys/kernel/tracing/events/segue/enable
}

# The milliseconds that the steps from $1 on took in the swap that /tmp/swap.json tells of.
took()
{
	jq --arg from "$1" '[.swap.devices[].steps[] | select(.undo == false)] |
		.[map(.step) | index($from):] | map(.duration_ns) | add / 1e6 | ceil' /tmp/swap.json
}

# An update that is not disturbed, to know how long one takes on this machine, and one in which the power is cut, at any
# moment of the whole of it or from the step on that raises the fence.  Each step of it may be preceded by a rest, and it
# may be one that fails, so that the cut falls into its way back.
swap()
{
	local stall=$((RANDOM % 4 * 20)) drivers driver kinds=(v3 v3 probe-early) kind from=cover number=2 ms steps=6

	read -r -a drivers <<<"$(sed -n 's/.*crash.drivers=\([a-z_,]*\).*/\1/p' /proc/cmdline | tr , ' ')"
	driver=${drivers[RANDOM % ${#drivers[@]}]}
	kind=${kinds[RANDOM % ${#kinds[@]}]}
	[ $((RANDOM % 3)) != 0 ] || from=check number=0 steps=9
	update "$driver" v2 --json >/tmp/swap.json 2>/tmp/swap.err
	check_equal "update of $driver" 0 $? || remark </tmp/swap.err
	ms=$(took $from)
	check "it tells how long its steps took" test "${ms:-0}" -gt 0
	ms=$((ms + steps * stall))
	[ "$kind" = v3 ] || ms=$((ms * 3 / 2))
	note "update of $driver to $kind, each step $stall ms later, cut within $ms ms after $from begins"
	stall_ms $stall
	echo "@kill $ms event=1 step=$number" >&8
	# The host looks at the console from now on.
	sleep 0.2
	update "$driver" "$kind" >/dev/null 2>&1
}

disks_mount()
{
	disk_mount ext4 vda1 /mnt/vda1
	disk_mount ext4 nvme0n1p1 /mnt/nvme0n1p1
	[ ! -b /dev/sda ] || disk_mount ext4 sda /mnt/sda
}

guest()
{
	local first=1 n

	RANDOM=$(sed 's/.*crash.seed=\([0-9]*\).*/\1/' /proc/cmdline)
	! bt acked 0 >/dev/null || first=
	disk_driver virtio_blk vda
	disk_driver nvme nvme0n1
	! grep -q "crash.drivers=[a-z_,]*ahci" /proc/cmdline || disk_driver ahci sda
	if [ -n "$first" ]; then
		disk_partitions vda 48M +
		disk_partitions nvme0n1 48M +
		disk_fs ext4 vda1 /mnt/vda1
		disk_fs ext4 nvme0n1p1 /mnt/nvme0n1p1
		[ ! -b /dev/sda ] || disk_fs ext4 sda /mnt/sda
	else
		wait_for 10 test -b /dev/nvme0n1p2
		disks_mount
		jobs_known
		io_check "after the power cut"
		disk_umount "after the power cut"
		disks_mount
	fi
	! grep -q "crash=check" /proc/cmdline || return
	io_jobs=()
	jobs_start
	if grep -q "crash=plain" /proc/cmdline; then
		sleep 1
		echo "@kill 1000" >&8
		sleep 20
	fi
	modprobe segue_block
	steps_traced
	swap
	sleep 10
	not_ok "the power was cut"
}
