# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: a second update, rollback or commit during a swap is refused by name of the first"
VM_NICS="e1000 pcnet"
DRIVERS="e1000:v2 pcnet32:v2"
VM_TIMEOUT=300

guest()
{
	local pid

	net_driver e1000 eth0
	net_driver pcnet32 eth1
	net_up eth0
	net_up eth1 1
	modprobe segue_net
	ethtool -p eth1 60 &
	pid=$!
	sleep 1
	check_exit "update while 'ethtool -p' keeps the driver's functions" 2 update pcnet32 v2
	check_output "names the process" "process [0-9]+ \\(ethtool\\) lets an adapter blink"
	kill $pid
	wait $pid 2>/dev/null
	traffic_start eth0
	: >/tmp/first.out
	stall_ms 1500
	update e1000 v2 >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q capture /tmp/first.out
	check_exit "second update of the same driver" 4 update e1000 v2
	check_output "names the first" "driver e1000 .*process [0-9]+"
	check_exit "update of another driver" 4 update pcnet32 v2
	check_output "names the first" "e1000"
	check_exit "rollback" 4 segue rollback e1000
	check_exit "commit" 4 segue commit e1000
	check "status does not wait" timeout 10 segue status
	check "a module in use is not unloaded" sh -c "! rmmod segue_net; ! rmmod segue"
	stall_ms 0
	wait $pid
	check_equal "the first one succeeded" 0 $?
	check_equal "version is v2" v2 "$(driver_version eth0)"
	traffic_flows "two at once"
	traffic_stop "two at once"
	check "afterwards the other driver is updated" update pcnet32 v2
	check "commit" segue commit e1000
	check "commit" segue commit pcnet32
}
