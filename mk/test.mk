# SPDX-License-Identifier: GPL-2.0
#
# Everything that runs in virtual machines.

JOBS ?= 2

# The counts of the checks and of the scenarios are added up for the closing line.
.PHONY: test
test:
	@mk/deps.sh build check source vm disk sound
	@mk/test.sh $(JOBS)
