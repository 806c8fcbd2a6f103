# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="what others rely on of a disk, above all its cache, stays true while a new driver describes it"
VM_DISKS="virtio-blk,logical_block_size=4096,physical_block_size=4096:64M"
DRIVERS="virtio_blk:v2 virtio_blk:nocache virtio_blk:slow-limits"
VM_TIMEOUT=300

# What a device above has found out of the disk below when its table was loaded.
above()
{
	(cd /sys/block/dm-0/queue && grep -H '' write_cache fua logical_block_size physical_block_size minimum_io_size dma_alignment \
		write_zeroes_max_bytes 2>/dev/null)
}

# Loads its table anew, which opens nothing and submits nothing.
reload()
{
	dmsetup suspend --nolockfs --noflush --noudevsync above &&
		dmsetup load above --table "0 65536 linear /dev/vda 8" &&
		dmsetup resume --noudevsync above
}

guest()
{
	local pid

	disk_driver virtio_blk vda
	modprobe -a segue_block dm_mod
	check "a device above" dmsetup create above --noudevsync --table "0 65536 linear /dev/vda 0"
	above >/tmp/above.before
	remark </tmp/above.before
	check_equal "there is a cache" "write back" "$(cat /sys/block/dm-0/queue/write_cache)"
	check "update to v2" update virtio_blk v2
	: >/tmp/slow.out
	update virtio_blk slow-limits >/tmp/slow.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/slow.out
	sleep 0.8
	check "its table is loaded while the new driver has not described the disk" timeout 20 bash -c "$(declare -f reload); reload"
	check "the swap is not at its end" kill -0 $pid
	above >/tmp/above.now
	wait $pid
	check_equal "swap" 0 $?
	check_same "what the device above knows of the disk is the same" /tmp/above.before /tmp/above.now
	check "its table is loaded again" reload
	above >/tmp/above.now
	check_same "and the same with the new driver" /tmp/above.before /tmp/above.now
	check_exit "a driver that does not say that there is a cache is rolled back" 2 update virtio_blk nocache
	check_output "it says why" "cache"
	check "remove it" dmsetup remove --noudevsync above
}
