# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: neither driver starts: said clearly, the machine stays usable, a third one recovers it"
VM_NICS="e1000"
DRIVERS="e1000:v2 e1000:probe-early"
VM_TIMEOUT=300
VM_SMP=1
# No driver means no link: that much may be seen.
STATE_IGNORED="carrier_[a-z_]*"

guest()
{
	local step

	net_driver e1000
	net_up
	net_config
	traffic_start
	state_save before
	modprobe segue_net
	fail_step stop.undo
	check_exit "update with no way back ends with 3" 3 update e1000 probe-early
	remark </tmp/check.out
	check_output "it says so" "DEGRADED|degraded"
	fail_step ""
	check "the interface is still there" ip link show eth0
	check "its addresses too" sh -c "ip addr show eth0 | grep -q 10.0.2.15"
	check "it answers ethtool" ethtool eth0
	check "status works" segue status
	check_output "status says so" "DEGRADED|degraded"
	check_exit "another one that does not start" 3 update e1000 probe-early
	for step in cover stop start; do
		fail_step "$step"
		check_exit "one that fails at $step" 3 update e1000 v2
	done
	fail_step ""
	check "the interface is still there" ip link show eth0
	update_done e1000 v2
	traffic_stop "degraded and recovered"
}
