#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of what needs no kernel, under the sanitizers.

set -eu
[ -e test/unit/Makefile ] || { echo "test/unit/Makefile is missing"; exit 1; }
make -s -C test/unit
