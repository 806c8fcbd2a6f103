#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Compile the kernel modules with all of the kernel's warnings, as errors.  Called by another name
# (build-SERIES.sh is a link), compile for that series of kernels.

set -eu
series=${0##*/build-}
series=${series%.sh}
# shellcheck source=/dev/null
. "./build/kernel/$series/env"
copy=$PWD/build/check/$series
mkdir -p "$copy"
# Objects stay where they are, so a second run compiles only what changed.
rsync -a --delete --filter='P *.o' --filter='P *.ko' --filter='P *.mod*' --filter='P .*' \
	--filter='P Module.symvers' --filter='P modules.order' kmod uapi "$copy/"
make -s -C "$KDIR" "M=$copy/kmod" W=1 KCFLAGS=-Werror -j"$(nproc)" modules
ls "$copy"/kmod/*.ko >/dev/null
