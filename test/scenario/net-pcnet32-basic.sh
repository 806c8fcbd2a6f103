# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="pcnet32: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="pcnet"
DRIVERS="pcnet32:v2 pcnet32:v3"
VM_TIMEOUT=300
# The stock driver frees DMA memory with interrupts disabled when its rings are resized; the kernel warns.
NOT_CONFIGURED="ring"

guest()
{
	standard_update pcnet32
}
