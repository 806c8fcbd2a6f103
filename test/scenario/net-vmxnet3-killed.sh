# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3: the segue process is killed at every step; the swap goes on without it"
VM_NICS="vmxnet3"
# As in net-vmxnet3-basic.
CONFIG_MTU=1600
DRIVERS="vmxnet3:v2"
VM_TIMEOUT=400

# kill_at STEP SIGNAL: kills the process when it has reported the step, while the swap waits before the next one.
kill_at()
{
	local step=$1 signal=$2 pid

	: >/tmp/update.out
	stall_ms 500
	segue update vmxnet3 /drivers/vmxnet3/v2/vmxnet3.ko >/tmp/update.out 2>&1 &
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

	net_driver vmxnet3
	net_up
	net_config
	modprobe segue_net
	traffic_start
	state_save before
	watch_start
	for step in check capture cover stop start compare replay verify; do
		kill_at "$step" "$signal"
		check_equal "v2 is live" v2 "$(driver_version)"
		traffic_flows "killed at $step"
		state_same "killed at $step" before
		check "roll back" segue rollback vmxnet3
		check "commit" segue commit vmxnet3
		[ "$signal" = KILL ] && signal=HUP || signal=KILL
	done
	stall_ms 0
	watch_stop "killed"
	traffic_stop "killed"
}
