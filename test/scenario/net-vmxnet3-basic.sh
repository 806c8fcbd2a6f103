# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="vmxnet3"
# QEMU's user network sends frames of 1500 bytes whatever was agreed, and vmxnet3 takes none that is too long.
CONFIG_MTU=1600
DRIVERS="vmxnet3:v2 vmxnet3:v3"
VM_TIMEOUT=300

guest()
{
	standard_update vmxnet3
}
