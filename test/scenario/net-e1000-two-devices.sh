# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="two e1000: one device updated alone, then all; the other's traffic is not touched"
VM_NICS="e1000 e1000"
DRIVERS="e1000:v2 e1000:v3"
VM_TIMEOUT=400

guest()
{
	local first

	net_driver e1000 eth0 eth1
	net_up eth0
	net_up eth1 1
	first=$(basename "$(readlink /sys/class/net/eth0/device)")
	traffic_start eth0
	state_save eth0 eth0
	state_save eth1 eth1
	watch_start eth0
	check "one device is updated" update e1000 v2 --device "$first" && remark </tmp/check.out
	check_equal "eth0 has v2" v2 "$(driver_version eth0)"
	check_equal "eth1 has not" "$(uname -r)" "$(driver_version eth1)"
	traffic_flows "update of one"
	check "all devices are updated" update e1000 v3 && remark </tmp/check.out
	check_equal "eth0 has v3" v3 "$(driver_version eth0)"
	check_equal "eth1 has v3" v3 "$(driver_version eth1)"
	traffic_flows "update of all"
	state_same "eth0" eth0 eth0
	state_same "eth1" eth1 eth1
	check "eth1 carries traffic" curl -s --interface eth1 -o /dev/null "http://10.0.3.2:$HOST_HTTP/100000"
	watch_stop "updates"
	traffic_stop "updates"
	check "an unknown device is refused" sh -c "! segue update e1000 /drivers/e1000/v2/e1000.ko --device 0000:00:1f.7"
	check "commit" segue commit e1000
}
