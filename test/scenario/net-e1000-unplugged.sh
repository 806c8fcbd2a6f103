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
	wait "$pid"
	# The bus is locked during a swap: the device goes when it is over.
	check_equal "the update comes to its end first" 0 $? || remark </tmp/first.out
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
	# No driver is bound at this moment; net-vmxnet3-late has the moments in which one is.
	check "there is no driver to unbind" test ! -e "/sys/bus/pci/devices/$device/driver"
	wait "$pid"
	check_equal "the update comes to its end" 0 $? || remark </tmp/first.out
	check "it is unbound by hand" sh -c "echo $device >/sys/bus/pci/devices/$device/driver/unbind"
	check "its interface is gone" test ! -e /sys/class/net/eth0
	stall_ms 0
	check "status works" segue status
	remark </tmp/check.out
	check "commit" segue commit e1000
	check "the driver unloads" timeout 20 sh -c "rmmod \$(lsmod | sed -n 's/^\(e1000[^ ]*\) .*/\1/p')"
}
