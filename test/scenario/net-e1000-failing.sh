# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: new drivers that fail early, late, on open, or carry no traffic: rolled back by itself"
VM_NICS="e1000"
DRIVERS="e1000:probe-early e1000:probe-late e1000:open-fail e1000:deaf e1000:v2"
VM_TIMEOUT=400
# When its probe fails late, the stock driver unmaps a second register window that only another device has: a null
# pointer, of which the iounmap() of 6.12 warns, with and without Segue.
ALLOWED_LOG="ioremap\.c:[0-9]* iounmap|Call Trace:"

guest()
{
	net_driver e1000
	net_up
	net_config
	traffic_start
	state_save before
	watch_start
	update_undone e1000 probe-early 2 "start"
	update_undone e1000 probe-late 2 "start"
	update_undone e1000 open-fail 2 "replay"
	update_undone e1000 deaf 2 "verify"
	update_done e1000 v2
	watch_stop "failed updates"
	traffic_stop "failed updates"
}
