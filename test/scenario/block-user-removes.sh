# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_scsi, virtio_blk: at every step of a swap the user deletes, scans again or unbinds: it is done, then or afterwards"
VM_DISKS="virtio-scsi:64M virtio-blk:64M"
DRIVERS="virtio_scsi:v2 virtio_scsi:v3 virtio_blk:v2 virtio_blk:v3"
VM_TIMEOUT=500
# What is written to a disk that is taken away fails, and rightly.
ALLOWED_LOG="I/O error|sd .*rejecting|Synchroniz"

# The version that is live is not updated to.
declare -A next=([virtio_scsi]=v2 [virtio_blk]=v2)
steps="check capture cover stop start compare replay verify"

# swap_and STEP DRIVER COMMAND...: runs the command when a swap has done the step, and waits for the end of both; how the
# command ended is in user_code.
swap_and()
{
	local step=$1 driver=$2 pid user code=0
	shift 2

	: >/tmp/first.out
	stall_ms 250
	update "$driver" "${next[$driver]}" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q " $step  " /tmp/first.out || not_ok "step $step is reported"
	timeout 60 "$@" >/tmp/during.out 2>&1 &
	user=$!
	check "$* after $step: the swap comes to its end" wait_for 60 sh -c "! kill -0 $pid"
	wait $pid || code=$?
	# What was begun before the swap had the disks comes first, and then there is nothing to swap.
	[ "$step:$code" = check:2 ] || check_equal "it was done" 0 $code || remark </tmp/first.out
	[ $code != 0 ] || case ${next[$driver]} in
	v2) next[$driver]=v3 ;;
	v3) next[$driver]=v2 ;;
	esac
	stall_ms 0
	user_code=0
	wait $user || user_code=$?
	[ $user_code = 0 ] || note "the command ended with $user_code: $(tail -n 1 /tmp/during.out)"
	check "the command came to its end" test $user_code != 124
	segue commit "$driver" >/tmp/check.out 2>&1 || remark </tmp/check.out
}

write_to()
{
	echo "$2" >"$1"
}
export -f write_to

guest()
{
	local step hardware pid

	disk_driver virtio_scsi sda
	disk_driver virtio_blk vda
	modprobe segue_block
	# The files are gone, and come back, while drivers are exchanged.
	for step in $steps; do
		bt ring /dev/sda 512 40 >/tmp/pulled 2>&1 &
		pid=$!
		swap_and "$step" virtio_scsi bash -c "write_to /sys/block/sda/device/delete 1"
		# Between two drivers there is nothing to delete.
		[ $user_code = 0 ] || write_to /sys/block/sda/device/delete 1
		check "deleted after $step: the disk is gone" wait_for 30 test ! -e /sys/block/sda
		check "its writer got an error" wait_for 30 grep -q '"errors": 1' /tmp/pulled
		wait $pid
		for host in /sys/class/scsi_host/host*; do
			write_to "$host/scan" "- - -"
		done
		check "it is found again" wait_for 30 test -b /dev/sda
	done
	io_start ring /dev/sda
	for step in cover start replay; do
		swap_and "$step" virtio_scsi bash -c "write_to /sys/block/sda/device/rescan 1"
		for host in /sys/class/scsi_host/host*; do
			swap_and "$step" virtio_scsi bash -c "write_to $host/scan '- - -'"
		done
		io_flows "scanned after $step"
	done
	io_stop "scans"
	disk_names=(vda)
	hardware=$(disk_hardware vda)
	for step in $steps; do
		bt ring /dev/vda 512 40 >/tmp/pulled 2>&1 &
		pid=$!
		swap_and "$step" virtio_blk bash -c "write_to $hardware/driver/unbind $(basename "$hardware")"
		[ $user_code = 0 ] || write_to "$hardware/driver/unbind" "$(basename "$hardware")"
		check "unbound after $step: the disk is gone" wait_for 30 test ! -e /sys/block/vda
		check "its writer got an error" wait_for 30 grep -q '"errors": 1' /tmp/pulled
		wait $pid
		write_to /sys/bus/virtio/drivers/virtio_blk/bind "$(basename "$hardware")"
		check "it can be bound again" wait_for 30 test -b /dev/vda
	done
	check "status works" segue status
	remark </tmp/check.out
}
