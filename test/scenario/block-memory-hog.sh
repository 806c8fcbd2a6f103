# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk with swap on it, memory used up: an update needs none that only the stopped disk could give"
VM_DISKS="virtio-blk:512M"
DRIVERS="virtio_blk:v2 virtio_blk:v3"
VM_MEMORY=400
VM_TIMEOUT=400

swaps()
{
	[ "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)" -gt 5000 ]
}

guest()
{
	local free hog step

	disk_driver virtio_blk vda
	disk_partitions vda 256M +
	mkswap /dev/vda2 >/dev/null
	check "swap" swapon /dev/vda2
	disk_fs ext4 vda1 /mnt/a
	modprobe segue_block
	io_start append sqlite read /mnt/a
	free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
	bt hog $((free + 40)) >/tmp/hog.json &
	hog=$!
	# Page cache that is dirty all the time, too.
	while :; do dd if=/dev/zero of=/mnt/a/dirty bs=1M count=64 conv=notrunc 2>/dev/null; done &
	dirty=$!
	check "memory is used up" wait_for 60 swaps
	for step in 1 2 3; do
		check "update to v2" timeout 100 segue update virtio_blk /drivers/virtio_blk/v2/virtio_blk.ko
		io_flows "update to v2"
		check "roll back" timeout 100 segue rollback virtio_blk
		io_flows "rollback"
	done
	note "swapped out $(awk '/^pswpout/ { print $2 }' /proc/vmstat) pages"
	kill $dirty
	kill -TERM $hog
	wait $hog
	check "what was in memory and in swap is right" jq -e '.errors == 0 and .done > 0' /tmp/hog.json
	io_stop "memory hog"
	check "swap is taken back" swapoff /dev/vda2
	disk_umount "memory hog"
}
