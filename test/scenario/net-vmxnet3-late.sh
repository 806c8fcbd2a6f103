# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3: what happens late or at the wrong moment: link changes, an unbind, a second device that fails"
VM_NICS="vmxnet3 vmxnet3"
DRIVERS="vmxnet3:v2 vmxnet3:v3"
VM_TIMEOUT=250

# begin WORDS COMMAND...: starts an update with a stall before each step; returns when WORDS were printed.
begin()
{
	local words=$1
	shift

	stall_ms 700
	"$@" >/tmp/first.out 2>&1 &
	first=$!
	wait_for 60 grep -q "$words" /tmp/first.out || not_ok "'$words' is printed"
}

# finish TEXT CODE: the update ends with that code.
finish()
{
	local code=0

	stall_ms 0
	wait "$first" || code=$?
	check_equal "$1: exit code" "$2" "$code" || remark </tmp/first.out
}

works()
{
	check "$1: eth0 carries traffic" curl -s --interface eth0 -o /dev/null "http://10.0.2.2:$HOST_HTTP/100000"
	check "$1: eth1 carries traffic" curl -s --interface eth1 -o /dev/null "http://10.0.3.2:$HOST_HTTP/100000"
}

guest()
{
	local stock device first

	net_driver vmxnet3 eth0 eth1
	net_up eth0
	net_up eth1 1
	stock=$(driver_version)
	device=$(basename "$(readlink /sys/class/net/eth1/device)")
	modprobe segue_net
	works "before"

	# The new driver is open, and verify has not begun.
	begin replay update vmxnet3 v2 --device "$device"
	check "link down before verify" ip link set eth1 down
	finish "link down before verify" 0
	check_equal "version" v2 "$(driver_version eth1)"
	check "it stays down" sh -c "! ip link show eth1 | grep -q '[<,]UP[,>]'"
	net_up eth1 1 2>/dev/null
	works "up again"

	begin replay update vmxnet3 v3 --device "$device"
	fail_step verify
	check "link down before a failing verify" ip link set eth1 down
	finish "link down before a failing verify" 2
	fail_step ""
	check_equal "version" v2 "$(driver_version eth1)"
	check "eth1 goes up" ip link set eth1 up
	wait_for 20 carrier eth1
	works "rolled back"

	begin replay update vmxnet3 v3 --device "$device"
	fail_step verify
	check "link down and up before a failing verify" sh -c "ip link set eth1 down && ip link set eth1 up"
	finish "link down and up before a failing verify" 2
	fail_step ""
	wait_for 20 carrier eth1
	works "rolled back again"

	# The old driver's remove() is entered by somebody else while the swap holds RTNL.
	begin capture update vmxnet3 v3 --device "$device"
	echo "$device" >"/sys/bus/pci/devices/$device/driver/unbind"
	finish "unbound between capture and stop" 5
	check "eth1 is gone" test ! -e /sys/class/net/eth1
	check "it can be bound" sh -c "echo $device >/sys/bus/pci/drivers/vmxnet3/bind"
	wait_for 20 test -e /sys/class/net/eth1
	net_up eth1 1
	works "bound again"

	# Both have v2; the first one is swapped, then the second one fails.
	check "both to v2" update vmxnet3 v2 --force
	begin "eth[01]: done" update vmxnet3 v3
	fail_step replay
	finish "the second device fails" 2
	fail_step ""
	check_equal "eth0 is back" v2 "$(driver_version eth0)"
	check_equal "eth1 is back" v2 "$(driver_version eth1)"
	works "both back"
	check "commit" segue commit vmxnet3
	check "the driver unloads" timeout 20 sh -c "rmmod \$(lsmod | sed -n 's/^\(vmxnet3[^ ]*\) .*/\1/p')"
}
