# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme: a machine that boots from the disk, swaps to it and compiles on it; nothing cached, memory short"
VM_DISKS="nvme:800M"
VM_ROOT="nvme:nvme0n1p2"
VM_MEMORY=384
DRIVERS="nvme:v2 nvme:v3"
VM_TIMEOUT=600

guest()
{
	root_life nvme nvme0n1 nvme0n1p1 nvme0n1p2
}
