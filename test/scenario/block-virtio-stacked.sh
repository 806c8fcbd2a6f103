# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk below dm-crypt, a dm mirror, a loop device, swap and a cgroup: nobody notices"
VM_DISKS="virtio-blk:192M virtio-blk:64M"
DRIVERS="virtio_blk:v2 virtio_blk:v3"
VM_TIMEOUT=300

guest()
{
	local key sectors

	disk_driver virtio_blk vda vdb
	disk_partitions vda 48M 48M 48M +
	modprobe -a dm_crypt dm_mirror loop xts aesni_intel
	key=$(head -c 64 /dev/zero | tr '\0' a)
	sectors=$(blockdev --getsz /dev/vda1)
	check "dm-crypt" dmsetup create secret --table "0 $sectors crypt aes-xts-plain64 $key 0 /dev/vda1 0 1 allow_discards"
	disk_fs ext4 mapper/secret /mnt/secret
	check "dm-mirror" dmsetup create twice --table "0 $sectors mirror core 2 1024 nosync 2 /dev/vda2 0 /dev/vdb 0"
	disk_fs ext4 mapper/twice /mnt/twice
	disk_fs ext4 vda3 /mnt/plain
	truncate -s 24M /mnt/plain/file
	check "loop" losetup --direct-io=on /dev/loop0 /mnt/plain/file
	disk_fs ext4 loop0 /mnt/loop
	mkswap /dev/vda4 >/dev/null
	check "swap" swapon /dev/vda4
	io_start append sqlite /mnt/secret
	io_start append ring /mnt/twice
	io_start append /mnt/loop
	mkdir -p /sys/fs/cgroup/limited
	disk_life virtio_blk
	check_equal "the mirror is in sync" "AA" "$(dmsetup status twice | grep -o ' AA ' | tr -d ' ')"
	check "swap is taken back" swapoff /dev/vda4
	umount /mnt/loop && losetup -d /dev/loop0
	disk_mounts=(ext4:mapper/secret:/mnt/secret ext4:mapper/twice:/mnt/twice ext4:vda3:/mnt/plain)
	disk_umount "stacked"
	dmsetup remove secret
	dmsetup remove twice
}
