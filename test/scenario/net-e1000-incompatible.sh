# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: new drivers that offer less are refused by name of what is missing, or forced"
VM_NICS="e1000"
DRIVERS="e1000:noop e1000:nofeat e1000:v2"
VM_TIMEOUT=400

guest()
{
	net_driver e1000
	net_up
	net_config
	traffic_start
	state_save before
	watch_start
	update_undone e1000 noop 2 "set_coalesce"
	update_undone e1000 nofeat 2 "tx-tcp-segmentation|tso"
	check "with --allow-incompatible it goes on" update e1000 noop --allow-incompatible
	check_output "and says what will fail" "set_coalesce"
	check_equal "version is noop" noop "$(driver_version)"
	traffic_flows "forced update"
	update_done e1000 v2
	watch_stop "incompatible updates"
	traffic_stop "incompatible updates"
}
