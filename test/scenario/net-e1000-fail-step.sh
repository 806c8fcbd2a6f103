# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: a failure at every step, under traffic: the old driver is back with all it had"
VM_NICS="e1000"
DRIVERS="e1000:v2"
VM_TIMEOUT=500

guest()
{
	local step

	net_driver e1000
	net_up
	net_config
	modprobe segue_net
	traffic_start
	state_save before
	watch_start
	for step in check cover capture stop start compare replay verify uncover; do
		fail_step "$step"
		update_undone e1000 v2 2 "$step"
	done
	fail_step ""
	update_done e1000 v2
	watch_stop "failing at every step"
	traffic_stop "failing at every step"
}
