# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="ne2k-pci: a driver of two modules, both or one of them replaced"
VM_NICS="ne2k_pci"
VM_RATE=0.3
DRIVERS="ne2k-pci:v2 ne2k-pci:v3 ne2k-pci:open-fail"
VM_TIMEOUT=300

# v3 leaves the shared structure as the stock 8390 has it, so that one stays in use.
update()
{
	local driver=$1 kind=$2
	shift 2

	case $kind in
	v2) segue update "$@" "$driver" /drivers/ne2k-pci/v2/8390.ko /drivers/ne2k-pci/v2/ne2k-pci.ko ;;
	*) segue update "$@" "$driver" "/drivers/ne2k-pci/$kind/ne2k-pci.ko" ;;
	esac
}

guest()
{
	local stock

	net_driver ne2k-pci
	net_up
	net_config
	stock=$(driver_version)
	traffic_start
	state_save before
	watch_start
	update_done ne2k-pci v3
	check_equal "the stock 8390 stays in use" 1 "$(modules_of 8390)"
	# Longer than this driver's transmit timeout, which it sets when it is opened: it must not be told of one before.
	stall_ms 300
	rollback_done ne2k-pci "$stock"
	stall_ms 0
	update_undone ne2k-pci open-fail 2 "open"
	update_done ne2k-pci v2
	check_equal "both 8390 are loaded" 2 "$(modules_of 8390)"
	check "commit ne2k-pci" segue commit ne2k-pci
	check_equal "one generation of ne2k-pci stays loaded" 1 "$(modules_of ne2k-pci)"
	check_equal "one generation of 8390 stays loaded" 1 "$(modules_of 8390)"
	check_exit "a driver alone is refused when the loaded 8390 is not the installed one" 1 \
		segue update ne2k-pci /drivers/ne2k-pci/v3/ne2k-pci.ko
	check_output "the error says so" "loaded '8390.*' is not the installed one"
	traffic_flows "commit"
	state_same "commit" before
	watch_stop "updates"
	traffic_stop "updates"
}
