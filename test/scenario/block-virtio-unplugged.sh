# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk, sd: unplugged, deleted or unbound by hand in the middle of a swap; ends cleanly"
VM_DISKS="virtio-blk:64M virtio-blk:64M virtio-scsi:64M"
DRIVERS="virtio_blk:v2 virtio_blk:v3 virtio_scsi:v2"
VM_TIMEOUT=400
# The file systems of disks that are pulled complain, and rightly.
ALLOWED_LOG="vdb|sda|JBD2|Buffer I/O|EXT4-fs"

# swap_and DRIVER KIND COMMAND...: runs the command in the middle of a swap, and waits for its end.
swap_and()
{
	local driver=$1 kind=$2 pid code=0
	shift 2

	: >/tmp/first.out
	stall_ms 1000
	update "$driver" "$kind" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	"$@" >/tmp/during.out 2>&1 || note "'$*' ended with $?: $(tail -n 1 /tmp/during.out)"
	check "the swap comes to its end" wait_for 60 sh -c "! kill -0 $pid"
	wait $pid || code=$?
	note "it ended with $code: $(tail -n 1 /tmp/first.out)"
	remark </tmp/first.out
	stall_ms 0
}

unbind()
{
	echo "$1" >"$2/driver/unbind"
}

guest()
{
	local hardware

	disk_driver virtio_blk vda vdb
	disk_driver virtio_scsi sda
	modprobe -a segue_block acpiphp
	disk_fs ext4 vda /mnt/vda
	disk_fs ext4 vdb /mnt/vdb
	disk_fs ext4 sda /mnt/sda
	disk_mounts=(ext4:vda:/mnt/vda)
	io_start append ring /mnt/vda
	bt append /mnt/vdb/append 40 >/tmp/pulled.vdb 2>&1 &
	bt append /mnt/sda/append 41 >/tmp/pulled.sda 2>&1 &
	swap_and virtio_blk v2 host_qmp '{"execute": "device_del", "arguments": {"id": "disk1"}}'
	check "the unplugged disk is gone" wait_for 30 test ! -e /sys/block/vdb
	check "its writer got an error" wait_for 30 grep -q '"errors": 1' /tmp/pulled.vdb
	io_flows "the other disk"
	swap_and virtio_scsi v2 sh -c "echo 1 >/sys/block/sda/device/delete"
	# While no driver has the controller there is nothing to delete; then it is done afterwards.
	[ ! -e /sys/block/sda/device/delete ] || echo 1 >/sys/block/sda/device/delete
	check "the deleted disk is gone" wait_for 30 test ! -e /sys/block/sda
	check "its writer got an error" wait_for 30 grep -q '"errors": 1' /tmp/pulled.sda
	io_flows "the other disk"
	umount -l /mnt/vdb
	umount -l /mnt/sda
	hardware=$(disk_hardware vda)
	swap_and virtio_blk v3 unbind "$(basename "$hardware")" "$hardware"
	if [ -e /sys/block/vda ]; then
		io_stop "afterwards"
		disk_umount "afterwards"
	else
		note "the unbound disk is gone"
		io_jobs=()
	fi
	check "status works" segue status
	remark </tmp/check.out
}
