# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_scsi and virtio_blk below multipath heads and an md mirror: no path fails, no half is lost"
VM_DISKS="virtio-scsi:64M,64M,64M virtio-blk:64M,64M"
DRIVERS="virtio_scsi:v2 virtio_scsi:v3 virtio_blk:v2 virtio_blk:v3"
VM_TIMEOUT=400

# multipath_make NAME MODE DISK: a head with one path; requests or bios are passed on.
multipath_make()
{
	check "multipath head $1 passes ${2}s on to $3" dmsetup create "$1" --table \
		"0 $(blockdev --getsz "/dev/$3") multipath 2 queue_mode $2 0 1 1 round-robin 0 1 1 /dev/$3 1"
}

# Of each head: its paths that are active and how often one has failed. Of the mirror: its halves, and what it lacks.
stack_state()
{
	local head

	for head in head-rq head-bio head-blk; do
		dmsetup status $head | sed "s/^/$head /"
	done
	cat /sys/block/md0/md/{array_state,degraded,mismatch_cnt} /sys/block/md0/md/dev-*/{state,errors}
}

# mirror_make DISK DISK: an array without metadata, as its own files in sysfs make one.
mirror_make()
{
	local disk number=0 md=/sys/block/md0/md

	echo md0 >/sys/module/md_mod/parameters/new_array
	wait_for 10 test -d $md && echo raid1 >$md/level && echo 2 >$md/raid_disks && echo 65536 >$md/component_size || return
	for disk in "$@"; do
		cat "/sys/block/$disk/dev" >$md/new_dev && echo 65536 >"$md/dev-$disk/size" &&
			echo $((number++)) >"$md/dev-$disk/slot" || return
	done
	# As if they were alike already; what is not written is not read.
	echo none >$md/resync_start && echo active >$md/array_state && wait_for 10 test "$(blockdev --getsz /dev/md0)" = 131072
}

# stack_same TEXT
stack_same()
{
	stack_state >/tmp/stack.now
	check_same "$1: paths and halves are as before" /tmp/stack.before /tmp/stack.now
}

guest()
{
	disk_driver virtio_scsi sda sdb sdc
	disk_driver virtio_blk vda vdb
	modprobe -a dm_multipath dm_round_robin raid1
	multipath_make head-rq rq sda
	multipath_make head-bio bio sdb
	# The kernel warns of mixed flags when what is read ahead by way of such a head is merged (blk_rq_set_mixed_merge()).
	blockdev --setra 0 /dev/mapper/head-bio
	multipath_make head-blk rq vda
	check "md mirror" mirror_make sdc vdb || grep . /sys/block/md0/md/* /sys/block/md0/md/dev-*/* 2>/dev/null | remark
	disk_fs ext4 mapper/head-rq /mnt/rq
	disk_fs ext4 mapper/head-bio /mnt/bio
	disk_fs ext4 mapper/head-blk /mnt/blk
	disk_fs ext4 md0 /mnt/md
	io_start append ring /mnt/rq
	io_start append /mnt/bio
	io_start append ring /mnt/blk
	io_start append sqlite /mnt/md
	stack_state >/tmp/stack.before
	remark </tmp/stack.before
	disk_names=(sda sdb sdc)
	disk_update_done virtio_scsi v2
	stack_same "update of virtio_scsi"
	disk_rollback_done virtio_scsi stock
	stack_same "rollback of virtio_scsi"
	disk_update_done virtio_scsi v3
	stack_same "second update of virtio_scsi"
	disk_names=(vda vdb)
	disk_update_done virtio_blk v2
	stack_same "update of virtio_blk"
	disk_update_done virtio_blk v3
	stack_same "second update of virtio_blk"
	io_stop "updates"
	disk_umount "stacked"
	echo inactive >/sys/block/md0/md/array_state
	dmsetup remove head-rq head-bio head-blk
}
