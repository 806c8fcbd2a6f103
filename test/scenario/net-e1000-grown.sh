# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: a private structure far beyond the old allocation: refused, or kept out of line"
VM_NICS="e1000"
DRIVERS="e1000:grown e1000:grown+out e1000:v2"
VM_TIMEOUT=400
VM_SMP=1

guest()
{
	net_driver e1000
	net_up
	net_config
	traffic_start
	state_save before
	watch_start
	update_undone e1000 grown 2 "private area"
	check "update e1000 to grown, out of line" update e1000 grown+out && remark </tmp/check.out
	check_equal "version is grown" grown "$(driver_version)"
	traffic_flows "update to grown, out of line"
	state_same "update to grown, out of line" before
	update_done e1000 v2
	rollback_done e1000 grown
	watch_stop "grown"
	traffic_stop "grown"
}
