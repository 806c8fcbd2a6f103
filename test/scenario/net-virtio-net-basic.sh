# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_net: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="virtio-net-pci"
DRIVERS="virtio_net:v2 virtio_net:v3"
VM_TIMEOUT=300

guest()
{
	standard_update virtio_net
}
