# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="The same again without Segue: rmmod and insmod"
DESCRIPTION="demo: the same download while the driver is replaced by rmmod and insmod"
VM_NICS="e1000"
DRIVERS="e1000:v2"
VM_SMP=1
VM_RATE=2
VM_TIMEOUT=200

timeline_size()
{
	stat -c %s /tmp/traffic.timeline
}

guest()
{
	local index size address

	title "the same machine and load, without Segue"
	net_driver e1000
	net_up
	net_config
	index=$(cat /sys/class/net/eth0/ifindex)
	traffic_start
	check "load has started" traffic_flows "load"
	sleep 8

	title "rmmod and insmod, as without Segue"
	shown ip -br addr show dev eth0
	mark "rmmod"
	check "rmmod" shown rmmod e1000
	mark "insmod"
	check "insmod" shown insmod /drivers/e1000/v2/e1000.ko
	wait_for 20 test -e /sys/class/net/eth0
	shown ip -br addr show dev eth0
	check "eth0 is another interface now" test "$index" != "$(cat /sys/class/net/eth0/ifindex)"
	address=$(ip -4 -br addr show dev eth0 | awk '{ print $3 }')
	check_equal "its addresses are gone" "" "$address"
	check "the VLAN interface is gone" test ! -e /sys/class/net/eth0.7
	size=$(timeline_size)
	sleep 15
	check_equal "not one byte arrives in 15 seconds" "$size" "$(timeline_size)"
	check "the capture has ended" grep -q "interface disappeared\|went down" /tmp/traffic.tcpdump

	title "somebody sets the interface up again: link, address, default route; nothing else comes back"
	mark "set up by hand"
	net_up
	sleep 15
	if [ "$(timeline_size)" -gt "$size" ]; then
		note "the download has gone on"
	else
		note "the download has not gone on within 15 seconds"
	fi
	kill -TERM "$traffic_pull" "$traffic_session" "$traffic_udp"
	wait "$traffic_pull" "$traffic_session" "$traffic_udp"
	note "download: $(cat /tmp/traffic.pull)"
	note "session: $(cat /tmp/traffic.session)"
	host_save net-plain.events </tmp/marks
	host_save net-plain.timeline </tmp/traffic.timeline
	host_save net-plain.traffic < <(cat /tmp/traffic.pull /tmp/traffic.session)
}
