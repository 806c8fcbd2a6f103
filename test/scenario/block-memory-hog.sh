# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk with swap on it, memory used up: an update needs none that only the stopped disk could give"
VM_DISKS="virtio-blk:512M"
DRIVERS="virtio_blk:v2"
VM_MEMORY=400
VM_TIMEOUT=400

guest()
{
	hog_life virtio_blk vda vda2 vda1
}
