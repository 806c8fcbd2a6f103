#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's documentation checker over the interface and everything in kmod/ that other units use.

set -eu
script=$SRC/scripts/kernel-doc
[ -r "$script" ] || { echo "kernel-doc is not in $SRC/scripts"; exit 1; }
# Enumerators that begin with __ are private by their name.
perl "$script" -none uapi/*.h kmod/*.[ch] >build/check/kernel-doc.found 2>&1
! grep -E 'warning|error|Error' build/check/kernel-doc.found | grep -vE "Enum value '__|^[0-9]+ warnings"
