# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3: what users change during a swap is served and stays"
VM_NICS="vmxnet3"
DRIVERS="vmxnet3:v2 vmxnet3:v3 vmxnet3:open-fail"
VM_TIMEOUT=400

# during KIND TEXT COMMAND...: runs the command while a swap to KIND is held in the middle.
during()
{
	local kind=$1 text=$2 pid
	shift 2

	: >/tmp/first.out
	stall_ms 500
	update vmxnet3 "$kind" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	check "$text during a swap to $kind" "$@"
	stall_ms 0
	wait $pid
	note "swap to $kind ended with $?"
	wait_for 20 carrier eth0
}

mtu()
{
	cat /sys/class/net/eth0/mtu
}

feature()
{
	ethtool -k eth0 | sed -n "s/^[[:space:]]*$1: //p"
}

guest()
{
	net_driver vmxnet3
	net_up
	modprobe segue_net
	traffic_start
	during v2 "MTU" ip link set eth0 mtu 1600
	check_equal "MTU stays" 1600 "$(mtu)"
	traffic_flows "MTU"
	during v3 "ethtool -K" ethtool -K eth0 tx off
	check_equal "feature stays" off "$(feature tx-checksum-ip-generic)"
	during open-fail "MTU, then rolled back" ip link set eth0 mtu 1700
	check_equal "MTU stays" 1700 "$(mtu)"
	during v2 "MAC" ip link set eth0 address 52:54:00:aa:bb:cc
	check_equal "MAC stays" 52:54:00:aa:bb:cc "$(cat /sys/class/net/eth0/address)"
	during v3 "promiscuous" ip link set eth0 promisc on
	check "promiscuous stays" sh -c "ip -d link show eth0 | grep -q PROMISC"
	during v2 "VLAN" ip link add link eth0 name eth0.9 type vlan id 9
	check "VLAN stays" ip link show eth0.9
	during v3 "link down" ip link set eth0 down
	check "it stays down" sh -c "! ip link show eth0 | grep -q '[<,]UP[,>]'"
	during v2 "link up" ip link set eth0 up
	ip route add default via 10.0.2.2
	check "it stays up" sh -c "ip link show eth0 | grep -q '[<,]UP[,>]'"
	traffic_flows "down and up"
	during v3 "down and up" sh -c "ip link set eth0 down && ip link set eth0 up"
	ip route add default via 10.0.2.2
	traffic_flows "down and up in one swap"
	traffic_stop "changes"
	check "commit" segue commit vmxnet3
}
