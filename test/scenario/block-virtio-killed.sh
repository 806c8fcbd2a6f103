# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: the segue process is killed at every step; the swap goes on without it"
VM_DISKS="virtio-blk:128M"
DRIVERS="virtio_blk:v2"
VM_TIMEOUT=500

# kill_at STEP SIGNAL: kills the process when it has reported the step, while the swap waits before the next one.
kill_at()
{
	local step=$1 signal=$2 pid

	: >/tmp/update.out
	stall_ms 500
	segue update virtio_blk /drivers/virtio_blk/v2/virtio_blk.ko >/tmp/update.out 2>&1 &
	pid=$!
	wait_for 60 grep -q " $step  " /tmp/update.out || {
		not_ok "step $step is reported"
		remark </tmp/update.out
	}
	check "at $step there is a process to kill" kill -"$signal" $pid
	wait $pid 2>/dev/null
	stall_ms 0
	check "killed by $signal at $step: the swap comes to its end" wait_for 60 swap_ended
}

# The last swap is neither running nor unknown.
swap_ended()
{
	segue status --json | jq -e '.swaps[0].result as $r | $r != null and $r != "none" and $r != "running"'
}

guest()
{
	local step signal=KILL

	disk_driver virtio_blk vda
	disk_fs ext4 vda /mnt/a
	modprobe segue_block
	disk_config vda
	io_start append ring sqlite /mnt/a
	disk_watch_start
	disk_state_save before
	for step in check capture cover stop start replay verify; do
		kill_at "$step" "$signal"
		check_equal "v2 is live" v2 "$(disk_version)"
		disk_still_same "killed at $step"
		check "roll back" segue rollback virtio_blk
		check "commit" segue commit virtio_blk
		[ "$signal" = KILL ] && signal=HUP || signal=KILL
	done
	stall_ms 0
	disk_watch_stop "killed"
	io_stop "killed"
	disk_umount "killed"
}
