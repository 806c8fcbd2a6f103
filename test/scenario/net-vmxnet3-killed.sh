# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3: the segue process is killed at every step; the swap goes on without it"
VM_NICS="vmxnet3"
# As in net-vmxnet3-basic.
CONFIG_MTU=1600
DRIVERS="vmxnet3:v2"
VM_TIMEOUT=400

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
		kill_at "$step" "$signal" vmxnet3 v2
		check_equal "v2 is live" v2 "$(driver_version)"
		traffic_flows "killed at $step"
		state_same "killed at $step" before
		check "roll back" segue rollback vmxnet3
		check "commit" segue commit vmxnet3
		[ "$signal" = KILL ] && signal=HUP || signal=KILL
	done
	watch_stop "killed"
	traffic_stop "killed"
}
