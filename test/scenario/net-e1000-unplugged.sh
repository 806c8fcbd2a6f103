# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: unplugged, or unbound by hand, in the middle of a swap; ends cleanly"
VM_NICS="e1000 e1000"
DRIVERS="e1000:v2 e1000:v3"
VM_TIMEOUT=400

guest()
{
	local pid device

	net_driver e1000 eth0 eth1
	net_up eth0
	net_up eth1 1
	modprobe -a segue_net acpiphp
	device=$(basename "$(readlink /sys/class/net/eth1/device)")
	: >/tmp/first.out
	stall_ms 1500
	update e1000 v2 --device "$device" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	host_qmp '{"execute": "device_del", "arguments": {"id": "nic1"}}' >/tmp/qmp.out
	wait $pid
	note "update of the unplugged device ended with $?: $(tail -n 1 /tmp/first.out)"
	remark </tmp/first.out
	stall_ms 0
	check "the unplugged interface is gone" wait_for 30 test ! -e /sys/class/net/eth1
	check "its device too" wait_for 30 test ! -e "/sys/bus/pci/devices/$device"
	check "the other interface carries traffic" \
		curl -s -o /dev/null --retry 3 --connect-timeout 5 "http://10.0.2.2:$HOST_HTTP/100000"

	device=$(basename "$(readlink /sys/class/net/eth0/device)")
	: >/tmp/first.out
	stall_ms 1500
	update e1000 v3 >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	if echo "$device" >"/sys/bus/pci/devices/$device/driver/unbind"; then
		note "it is unbound"
	else
		note "unbinding is refused"
	fi
	wait $pid
	note "update of the unbound device ended with $?: $(tail -n 1 /tmp/first.out)"
	remark </tmp/first.out
	stall_ms 0
	check "status works" segue status
	remark </tmp/check.out
	check "rmmod of the driver works" sh -c "segue commit e1000; rmmod e1000__2 || rmmod e1000 || rmmod e1000__3; true"
}
