# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000 below a bridge, a bond, VLANs, macvlan, with XDP, netfilter ingress, tc and packet sockets"
VM_NICS="e1000 e1000"
DRIVERS="e1000:v2 e1000:probe-late"
VM_TIMEOUT=400
# As in net-e1000-failing: 6.12's iounmap() warns of the driver's own error path.
ALLOWED_LOG="ioremap\.c:[0-9]* iounmap|Call Trace:"

guest()
{
	net_driver e1000 eth0 eth1
	modprobe -a bridge bonding macvlan nf_tables sch_ingress act_mirred act_gact cls_matchall
	# eth0: bond, bridge and macvlan above it; the address is the bridge's.
	ip link add bond0 type bond mode active-backup miimon 0
	ip link set eth0 master bond0
	ip link set bond0 up
	# A port is reported once more when the delay is over, even without spanning tree.
	ip link add br0 type bridge vlan_filtering 1 forward_delay 0
	ip link set bond0 master br0
	ip link set br0 up
	ip addr add 10.0.2.15/24 dev br0
	ip route add default via 10.0.2.2
	bridge vlan add dev bond0 vid 42
	# eth1: plain, with everything that hooks into its receive and transmit paths.
	net_up eth1 1
	ip link add link eth1 name mv0 type macvlan mode bridge
	ip link set mv0 up
	nt bpf /sys/fs/bpf/pass
	check "XDP program is attached" ip link set dev eth1 xdpgeneric pinned /sys/fs/bpf/pass
	tc qdisc add dev eth1 clsact
	tc filter add dev eth1 ingress matchall action pass
	tc qdisc replace dev eth1 root fq_codel
	check "netfilter ingress" nft -f - <<-'END'
		table netdev watch {
			chain ingress {
				type filter hook ingress device "eth1" priority 0;
				counter
			}
		}
	END
	wait_for 20 carrier eth0
	wait_for 20 carrier eth1
	wait_for 20 ping -c 1 -W 1 10.0.2.2
	sleep 2
	traffic_start br0
	state_save eth0 eth0
	state_save eth1 eth1
	nft list ruleset | sed 's/packets.*//' >/tmp/nft
	tc filter show dev eth1 ingress >/tmp/tc
	watch_start eth0
	check "update" update e1000 v2 && remark </tmp/check.out
	traffic_flows "update"
	state_same "bond and bridge" eth0 eth0
	state_same "XDP, macvlan" eth1 eth1
	check_exit "failed update" 2 update e1000 probe-late && remark </tmp/check.out
	traffic_flows "failed update"
	state_same "bond and bridge" eth0 eth0
	state_same "XDP, macvlan" eth1 eth1
	nft list ruleset | sed 's/packets.*//' | check_same "netfilter is the same" /tmp/nft -
	tc filter show dev eth1 ingress | check_same "tc filters are the same" /tmp/tc -
	check "eth1 carries traffic" curl -s --interface eth1 -o /dev/null "http://10.0.3.2:$HOST_HTTP/100000"
	watch_stop "updates"
	traffic_stop "updates"
	check "commit" segue commit e1000
}
