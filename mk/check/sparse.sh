#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# sparse over the kernel modules.  The kernel's own headers are not clean, so only what it says about our
# files counts.

set -eu
command -v sparse >/dev/null || { echo "sparse is not installed"; exit 1; }
copy=$PWD/build/check/6.1
log=build/check/sparse-all.log
# The same options as the compilation, so that C=2 checks without compiling again.
make -s -C "$KDIR" "M=$copy/kmod" W=1 KCFLAGS=-Werror C=2 CF="-D__CHECK_ENDIAN__" modules >"$log" 2>&1 ||
	{ cat "$log"; exit 1; }
! grep -E "(^|/)(kmod|uapi)/[^ ]*: (warning|error)" "$log"
