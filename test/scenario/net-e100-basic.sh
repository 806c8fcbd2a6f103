# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e100: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="i82559c"
DRIVERS="e100:v2 e100:v3"
VM_TIMEOUT=300

guest()
{
	standard_update e100
}
