# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: an interface that is down, and one without address, are updated too"
VM_NICS="e1000 e1000"
DRIVERS="e1000:v2"
VM_TIMEOUT=300

# Setting the MTU of an interface that is down resets the device, which then negotiates for half a second;
# the driver reads the speed from the device.
negotiated()
{
	ethtool "$1" | grep -q 'Speed: [0-9]'
}

guest()
{
	net_driver e1000 eth0 eth1
	ip link set eth1 up
	wait_for 20 carrier eth1
	ethtool -G eth0 rx 512
	ip link set eth0 mtu 1400
	wait_for 5 negotiated eth0
	state_save eth0 eth0
	state_save eth1 eth1
	ip -ts monitor all >/tmp/monitor 2>&1 &
	sleep 0.5
	check "update" update e1000 v2 && remark </tmp/check.out
	check_equal "eth0 has v2" v2 "$(driver_version eth0)"
	check_equal "eth1 has v2" v2 "$(driver_version eth1)"
	wait_for 5 negotiated eth0
	state_same "down interface" eth0 eth0
	state_same "up interface" eth1 eth1
	sleep 1
	check_same "'ip monitor all' shows no line" /dev/null /tmp/monitor
	ip link set eth0 up
	net_up eth0
	check "it comes up and carries traffic" curl -s --retry 5 --retry-all-errors --retry-delay 1 \
		--connect-timeout 3 -o /dev/null "http://10.0.2.2:$HOST_HTTP/100000"
	check "commit" segue commit e1000
}
