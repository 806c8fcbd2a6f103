# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme, which probes in other tasks, with swap on it, memory used up: an update needs none of the stopped disk"
VM_DISKS="nvme:512M"
DRIVERS="nvme:v2"
VM_MEMORY=400
VM_TIMEOUT=400

guest()
{
	hog_life nvme nvme0n1 nvme0n1p2 nvme0n1p1
}
