# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000e: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="e1000e"
DRIVERS="e1000e:v2 e1000e:v3"
VM_TIMEOUT=300

guest()
{
	standard_update e1000e
}
