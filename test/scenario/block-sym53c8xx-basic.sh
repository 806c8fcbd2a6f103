# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="sym53c8xx under sd: update, roll back, update, commit; nobody notices"
VM_DISKS="lsi:64M"
DRIVERS="sym53c8xx:v2 sym53c8xx:v3"
VM_TIMEOUT=300
# The stock driver's remove() frees DMA memory with interrupts disabled, of which the kernel warns, with and without Segue.
ALLOWED_LOG="dma_free_attrs|Call Trace:"

guest()
{
	# QEMU's controller loses commands when several are on their way, with and without Segue; so one at a time.
	disk_driver sym53c8xx sda
	io_start ring /dev/sda
	disk_life sym53c8xx
}
