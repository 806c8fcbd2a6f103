# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="a kernel function that somebody else redirects: refused by its name, nothing is touched"
VM_NICS="e1000"
DRIVERS="e1000:v2 taken:same"
VM_SMP=1

guest()
{
	local function

	net_driver e1000
	net_up
	for function in unregister_netdev rtnl_lock; do
		check "$function is taken" insmod /drivers/taken/same/taken.ko "function=$function"
		check_exit "update is refused" 2 update e1000 v2
		check_output "the function is named" "$function"
		check_equal "version is the stock one" "$(uname -r)" "$(driver_version)"
		check_equal "no new generation is loaded" 1 "$(lsmod | grep -c '^e1000')"
		check "it is given back" rmmod taken
	done
	echo 0 >/proc/sys/kernel/ftrace_enabled
	check_exit "update without function tracing is refused" 2 update e1000 v2
	check_output "what to do is said" "kernel.ftrace_enabled"
	echo 1 >/proc/sys/kernel/ftrace_enabled
	check "update" update e1000 v2
	check_equal "version" v2 "$(driver_version)"
	check "commit" segue commit e1000
}
