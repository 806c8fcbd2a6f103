# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: a machine that boots from the disk, swaps to it and compiles on it; nothing cached, memory short"
VM_DISKS="virtio-blk:800M"
VM_ROOT="virtio_blk:vda2"
VM_MEMORY=384
DRIVERS="virtio_blk:v2 virtio_blk:v3"
VM_TIMEOUT=600

guest()
{
	root_life virtio_blk vda vda1 vda2
}
