# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="8139cp: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="rtl8139"
DRIVERS="8139cp:v2 8139cp:v3"
VM_TIMEOUT=300

guest()
{
	standard_update 8139cp
}
