# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="parameters of the running module are handed to the new one, as they are, unless others are given"
VM_NICS="rtl8139"
DRIVERS="8139cp:params 8139cp:narrow 8139cp:v2"
VM_TIMEOUT=300

# has VALUE PARAMETER: the module of the live driver has it.
has()
{
	local driver=/sys/bus/pci/drivers/8139cp

	check_equal "$2 is '$1'" "$1" "$(cat "$driver/module/parameters/$2")"
}

guest()
{
	local live

	mkdir -p /etc/modprobe.d
	echo "options 8139cp debug=3 multicast_filter_limit=5" >/etc/modprobe.d/test.conf
	net_driver 8139cp
	net_up
	# Of the stock driver no file shows a parameter: what modprobe would give is taken.
	check "check" segue check 8139cp /drivers/8139cp/params/8139cp.ko
	check_output "what modprobe would give is told" "as modprobe would give: debug=3 multicast_filter_limit=5"
	check "update to a driver with more parameters" segue update --json 8139cp /drivers/8139cp/params/8139cp.ko \
		--param 'test_limit=200 "test_label=two words" test_list=1,2' --param "8139cp.test_secret=7 test_flag test_gone=9"
	check_equal "debug is the configured one" "3 configured" \
		"$(jq -r '.modules[0].parameters[] | select(.name == "debug") | .value + " " + .from' /tmp/check.out)"
	has "two words" test_label
	has "1,2" test_list
	has Y test_flag
	has 200 test_limit
	live=/sys/bus/pci/drivers/8139cp/module/parameters
	echo 4000 >$live/test_limit
	echo N >$live/test_flag
	# Somebody changes the configuration meanwhile: that is for the next modprobe.
	echo "options 8139cp debug=3 test_secret=8 test_label=conf" >/etc/modprobe.d/test.conf
	check "update without any parameters given" segue update 8139cp /drivers/8139cp/narrow/8139cp.ko
	remark </tmp/check.out
	check_output "a parameter that is not there any more is told" "left out: test_gone=9 .*no such parameter"
	check_output "a value that is not taken is told" "test_limit=4000 .* does not take this value"
	check_equal "version" narrow "$(driver_version)"
	has "two words" test_label
	has "1,2" test_list
	has "(null),(null),(null),(null)" test_names
	has N test_flag
	has -1 test_switch
	has word test_word
	has 5 test_limit
	has 7 test_told
	check "roll back" segue rollback 8139cp
	check_equal "version" params "$(driver_version)"
	has 4000 test_limit
	check "update with a parameter given" segue update 8139cp /drivers/8139cp/narrow/8139cp.ko \
		--param test_limit=9 --param "test_names=,b test-label="
	has 9 test_limit
	has ",b,(null),(null)" test_names
	has "" test_label
	has 7 test_told
	check "commit" segue commit 8139cp
	check "the next one has the same" segue update 8139cp /drivers/8139cp/params/8139cp.ko
	has ",b,(null),(null)" test_names
	has "" test_label
	has 9 test_limit
	# Bad input.
	check_exit "a parameter that the module has not" 1 segue update 8139cp /drivers/8139cp/narrow/8139cp.ko --param test_gone=1
	check_output "is named" "test_gone.*no such parameter"
	check_exit "a module that is not loaded" 1 segue update 8139cp /drivers/8139cp/narrow/8139cp.ko --param other.test_list=1
	check_output "is named" "no module 'other'"
	check_exit "a value that the module refuses" 1 segue update 8139cp /drivers/8139cp/narrow/8139cp.ko --param test_limit=900
	check_output "is named" "900.*test_limit"
	check_equal "version" params "$(driver_version)"
	check_equal "as much is kept as is loaded" "$(modules_of 8139cp)" "$(find /run/segue/modules -type f | wc -l)"
	# A module that was loaded by somebody else under the same name has nothing of that.
	check "to the installed driver" segue update --commit 8139cp
	check "and to another" segue update --commit 8139cp /drivers/8139cp/v2/8139cp.ko
	check_equal "as much is kept as is loaded" "$(modules_of 8139cp)" "$(find /run/segue/modules -type f | wc -l)"
	check_equal "version" v2 "$(driver_version)"
}
