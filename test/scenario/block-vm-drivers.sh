# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the disks themselves: stock drivers, file systems, I/O, watchers, without any swap; and that they notice harm"
VM_DISKS="virtio-blk:128M nvme:320M,200M ahci:320M virtio-scsi:64M lsi:64M usb:64M"
PROGRAMS="fio"
VM_TIMEOUT=300
# The disk that is pulled under a file system, and the mapping whose table is set to errors, on purpose.
ALLOWED_LOG="sd[a-z]|dm-0|EXT4-fs|Buffer I/O|JBD2"

guest()
{
	disk_driver virtio_blk vda
	disk_driver nvme nvme0n1 nvme0n2
	disk_driver ahci sda
	disk_driver virtio_scsi sdb
	disk_driver sym53c8xx sdc
	disk_driver usb-storage sdd
	for disk in "${disk_names[@]}"; do
		note "$disk is driven by $(basename "$(readlink "$(disk_hardware "$disk")/driver")"), version $(disk_version "$disk")"
	done
	disk_partitions vda 64M +
	disk_fs ext4 vda1 /mnt/ext4
	disk_fs xfs "$(nvme_name 1 0)" /mnt/xfs
	disk_fs btrfs "$(nvme_name 1 1)" /mnt/btrfs
	disk_fs ext4 sdb /mnt/sdb
	modprobe -a dm_mod loop
	disk_config vda nvme0n1 sda
	disk_watch_start
	io_start append ring sqlite read fio /mnt/ext4
	io_start append sqlite /mnt/btrfs
	io_start ring /dev/sdc
	io_start append /mnt/sdb
	disk_state_save before
	sleep 4
	io_flows "no swap"
	disk_state_same "no swap" before
	disk_watch_stop "no swap"
	io_stop "no swap"
	disk_umount "no swap"
	harm
}

# What the helpers are there to notice, done on purpose.
harm()
{
	local size

	size=$(blockdev --getsz /dev/sda)
	dmsetup create harm --table "0 $size linear /dev/sda 0"
	disk_names=(vda)
	disk_fs ext4 mapper/harm /mnt/harm
	io_start append ring sqlite /mnt/harm
	disk_watch_start vda
	disk_state_save before vda
	echo 64 >/sys/block/vda/queue/read_ahead_kb
	fails "a value that changed" "values, nodes" disk_state_same "harm" before
	fails "a value that changed for a while" "polls" disk_watch_stop "harm"
	disk_state_save before vda
	disk_watch_start vda
	check "a partition is removed" partx -d --nr 2 /dev/vda
	fails "a partition that is gone" "values, nodes" disk_state_same "harm" before
	fails "an event" "udevadm" disk_watch_stop "harm"
	dmsetup suspend harm
	fails "I/O that stands" "I/O flows" io_flows "harm"
	dmsetup load harm --table "0 $size error"
	dmsetup resume harm
	sleep 1
	fails "an I/O error" "\"errors\": 1" io_stop "harm"
	umount /mnt/harm
	dmsetup remove harm

	disk_fs ext4 sda /mnt/harm
	io_jobs=()
	io_start append ring sqlite /mnt/harm
	io_stop "intact"
	io_jobs=(append ring sqlite)
	umount /mnt/harm
	# One byte of one block of each file is another.
	for name in append0 ring1; do
		debugfs -R "blocks /$name" /dev/sda 2>/dev/null | tr ' ' '\n' | sed -n 3p >/tmp/block
		printf 'x' | dd of=/dev/sda bs=1 seek=$(($(cat /tmp/block) * 1024 + 700)) conv=notrunc 2>/dev/null
	done
	mount /dev/sda /mnt/harm
	sqlite3 /mnt/harm/sqlite2 "DELETE FROM t WHERE n = 5"
	for number in 0 1 2; do
		io_jobs=("" "" "")
		io_jobs[number]=$(cut -d ' ' -f $((number + 1)) <<<"append ring sqlite")
		fails "a lost write (${io_jobs[number]})" "acknowledged" io_check "harm"
	done
	umount /mnt/harm
	dd if=/dev/urandom of=/dev/sda bs=1024 seek=1 count=64 conv=notrunc 2>/dev/null
	fails "a damaged file system" "e2fsck" check "e2fsck" e2fsck -f -n /dev/sda
}
