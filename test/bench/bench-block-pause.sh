# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: for each driver, how long I/O waits in an update, and how long
# there is none when the file system is unmounted, the device unbound and bound, and the file system mounted again.
DESCRIPTION="pauses of updates, and of unmounting and rebinding, under two jobs on ext4"
VM_DISKS="virtio-blk:96M nvme:96M ahci:96M virtio-scsi:96M"
VM_SMP=1
VM_TIMEOUT=900
DRIVERS="virtio_blk:v2 virtio_blk:v3 nvme:v2 nvme:v3 ahci:v2 ahci:v3 virtio_scsi:v2 virtio_scsi:v3"
drivers=(virtio_blk nvme ahci virtio_scsi)
disks=(vda nvme0n1 sda sdb)

## The load: records that are written and flushed, and reads past the page cache

load_begin()
{
	io_start append read "$dir"
	sleep 0.7
}

# load_end WAY REPETITION
load_end()
{
	local number

	io_flows "$driver, $1 $2"
	sleep 0.7
	for number in "${!io_jobs[@]}"; do
		io_end "$number"
		check_equal "$driver, $1 $2: no error of ${io_jobs[number]}" 0 "$(jq .errors "/tmp/io.$number.json")"
		row "$1" "$2" "${io_jobs[number]}_longest_ms" "$(jq .longest_ms "/tmp/io.$number.json")"
		row "$1" "$2" "${io_jobs[number]}_done" "$(jq .done "/tmp/io.$number.json")"
	done
	io_check "$driver, $1 $2"
	io_jobs=()
}

## The plain way

# disk_at FOLDER: the disk of a device; it may have another name than before.
disk_at()
{
	local disk

	for disk in /sys/block/*; do
		[[ $(readlink -f "$disk") != "$1"/* ]] || basename "$disk"
	done | grep .
}

# taken METRIC: milliseconds since the last call.
taken()
{
	local now

	now=$(microseconds)
	row rebind "$repetition" "$1" $(((now - before + 500) / 1000))
	before=$now
}

# No application runs meanwhile: it would have had to end first and to start again afterwards, which is not counted.
rebind()
{
	local repetition=$1 hardware bus began before disk

	hardware=$(disk_hardware "$disk_now")
	bus=$(readlink -f "$hardware/driver")
	sync
	sleep 0.5
	began=$(microseconds)
	before=$began
	umount "$dir"
	taken unmount_ms
	basename "$hardware" >"$bus/unbind"
	taken unbind_ms
	basename "$hardware" >"$bus/bind"
	until disk=$(disk_at "$hardware") && [ -b "/dev/$disk" ]; do
		sleep 0.005
	done
	taken bind_ms
	until mount -t ext4 "/dev/$disk" "$dir" 2>/dev/null; do
		# A disk is there before it can be read.
		sleep 0.005
	done
	taken mount_ms
	row rebind "$1" whole_ms $((($(microseconds) - began) / 1000))
	disk_now=$disk
	check "$driver, rebind $1: it can be written" dd if=/dev/zero of="$dir/again" bs=4k count=1 conv=fsync
}

## The update

# prove REPETITION
prove()
{
	prove_path "$1" disk="/dev/$disk_now" function "$(readlink -f "$(disk_hardware "$disk_now")/driver/module")"
}

measure()
{
	local disk=${disks[number]} dir=/mnt/$driver disk_now i names

	# It is the first SCSI disk when it is measured alone.
	[ -z "$only" ] || disk=${disk/sdb/sda}
	disk_now=$disk
	names=$(names v2)
	disk_driver "$driver" "$disk"
	disk_fs ext4 "$disk" "$dir"
	for ((i = 1; i <= repetitions; i++)); do
		load_begin
		sleep 0.5
		load_end quiet $i
	done
	for ((i = 1; i <= repetitions; i++)); do
		rebind $i
	done
	swap_all block
	disk_mounts=("ext4:$disk_now:$dir")
	disk_umount "$driver"
	summary append_longest_ms read_longest_ms whole_ms pause_ns
}
