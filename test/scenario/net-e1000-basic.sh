# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000: update, roll back, update again, commit; under traffic, nobody notices"
VM_NICS="e1000"
DRIVERS="e1000:v2 e1000:v3"
VM_TIMEOUT=300

guest()
{
	standard_update e1000
}
