# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk, virtio_scsi, nvme: disks with the same serial or identifier and contents: none is taken for another"
VM_DISKS="virtio-blk,serial=same:32M virtio-blk,serial=same:32M virtio-scsi:32M+serial=same,32M+serial=same
	nvme:32M+eui64=0x1122334455667788,32M+eui64=0x1122334455667799
	nvme:32M+eui64=0x1122334455667799,32M+eui64=0x1122334455667788"
DRIVERS="virtio_blk:v2 virtio_scsi:v2 nvme:v2"
VM_TIMEOUT=300
# What the kernel says of such namespaces.
ALLOWED_LOG="duplicate IDs"

# In the middle of each disk, far from what is compared, stands what it was called when the machine was started.
mark_at=$((16 << 20))

marks()
{
	local disk

	for disk in "${disk_names[@]}"; do
		printf '%s %s\n' "$disk" "$(dd if="/dev/$disk" bs=4096 count=1 skip=$((mark_at / 4096)) iflag=direct status=none |
			tr -d '\0')"
	done
}

# same_disks TEXT: each disk is itself.
same_disks()
{
	marks >/tmp/marks.now
	check_same "$1: each disk is itself" /tmp/marks.before /tmp/marks.now
	disk_state_same "$1" before
}

guest()
{
	local disk code=0

	disk_driver virtio_blk vda vdb
	disk_driver virtio_scsi sda sdb
	disk_driver nvme nvme0n1 nvme0n2 nvme1n1 nvme1n2
	for disk in "${disk_names[@]}"; do
		printf '%s' "$disk" | dd of="/dev/$disk" bs=4096 seek=$((mark_at / 4096)) conv=notrunc,fsync status=none
	done
	check_equal "two disks say that they are the same" "$(cat /sys/block/vda/serial)" "$(cat /sys/block/vdb/serial)"
	check "and two others" cmp /sys/block/sda/device/vpd_pg80 /sys/block/sdb/device/vpd_pg80
	grep . /sys/block/nvme*/eui /sys/block/nvme*/wwid | remark
	marks >/tmp/marks.before
	remark </tmp/marks.before
	disk_state_save before
	disk_update_done virtio_blk v2
	same_disks "virtio_blk"
	check "update virtio_scsi" update virtio_scsi v2 && remark </tmp/check.out
	check_equal "version is v2" v2 "$(disk_version sda)"
	same_disks "virtio_scsi"
	# The kernel believes no identifier of QEMU's controller, so that its namespaces have their numbers only.  Of others it
	# believes those that it finds first, so they may be others' afterwards.
	update nvme v2 >/tmp/check.out 2>&1 || code=$?
	remark </tmp/check.out
	case $code in
	0) check_equal "version is v2" v2 "$(disk_version nvme0n1)" ;;
	2) check_output "refused by a disk's name" "nvme[01]n[12] is another disk" ;;
	*) not_ok "nvme ended with $code" ;;
	esac
	same_disks "nvme"
}
