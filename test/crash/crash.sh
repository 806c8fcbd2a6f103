# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034 # run.sh and guest-block.sh use what is set here
#
# The scenario of test/crash/run.sh: looks whether everything is there that was promised before the power cut, then
# writes and updates until the next one.
DESCRIPTION="power cuts inside of swaps"
VM_DISKS="virtio-blk:64M nvme:64M ahci:64M"
DRIVERS="virtio_blk:v2 virtio_blk:v3 nvme:v2 nvme:v3 ahci:v2 ahci:v3"
VM_TIMEOUT=180

# The jobs, always under the same numbers.
jobs_start()
{
	io_start append ring sqlite /mnt/vda1
	io_start append ring /mnt/nvme0n1p1
	io_start ring /dev/vda2
	io_start ring /dev/nvme0n1p2
	io_start append ring /mnt/sda
}

# What jobs_start would set, without starting anything.
jobs_known()
{
	io_jobs=(append ring sqlite append ring ring ring append ring)
	io_paths=(/mnt/vda1/append0 /mnt/vda1/ring1 /mnt/vda1/sqlite2 /mnt/nvme0n1p1/append3 /mnt/nvme0n1p1/ring4 /dev/vda2
		/dev/nvme0n1p2 /mnt/sda/append7 /mnt/sda/ring8)
}

# Follows a swap: names its steps, and asks for the power cut when it begins to touch the disk.
follow()
{
	local line step armed=

	while IFS= read -r line; do
		# No process: the swap goes on meanwhile.
		[[ $line =~ \"step\":\ *\"([a-z]*)\" ]] || continue
		step=${BASH_REMATCH[1]}
		[ -z "$armed" ] && [ "$step" = "$2" ] && echo "@kill $3" >&8 && armed=1
		echo "# at $step of $1" >&8
	done
}

swap()
{
	local stall=$((RANDOM % 3 * 60)) drivers driver kind=v2 from=capture

	read -r -a drivers <<<"$(sed -n 's/.*crash.drivers=\([a-z_,]*\).*/\1/p' /proc/cmdline | tr , ' ')"
	driver=${drivers[RANDOM % ${#drivers[@]}]}
	[ $((RANDOM % 2)) = 0 ] || kind=v3
	[ $((RANDOM % 2)) = 0 ] || from=cover
	stall_ms $stall
	note "update of $driver to $kind, each step $stall ms longer, cut after $from"
	update "$driver" $kind --json 2>&1 | follow "$driver" $from $((300 + stall * 6))
	segue commit "$driver"
}

disks_mount()
{
	disk_mount ext4 vda1 /mnt/vda1
	disk_mount ext4 nvme0n1p1 /mnt/nvme0n1p1
	disk_mount ext4 sda /mnt/sda
}

guest()
{
	local first=1 n

	RANDOM=$(sed 's/.*crash.seed=\([0-9]*\).*/\1/' /proc/cmdline)
	! bt acked 0 >/dev/null || first=
	disk_driver virtio_blk vda
	disk_driver nvme nvme0n1
	disk_driver ahci sda
	if [ -n "$first" ]; then
		disk_partitions vda 48M +
		disk_partitions nvme0n1 48M +
		disk_fs ext4 vda1 /mnt/vda1
		disk_fs ext4 nvme0n1p1 /mnt/nvme0n1p1
		disk_fs ext4 sda /mnt/sda
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
	for n in 1 2 3 4 5 6; do
		swap
	done
	not_ok "the power was cut"
}
