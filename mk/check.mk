# SPDX-License-Identifier: GPL-2.0
#
# Included by the top Makefile.
#
# make check: what can be found without running a kernel.  CHECKS="ibt checkpatch" runs only those.
# make test-debug: the scenarios on a kernel with every debugging aid.  SCENARIOS="net-e1000*" runs only
# those; the first time builds the kernel.

.PHONY: check
check:
	@mk/check/run $(CHECKS)

.PHONY: test-debug
test-debug:
	@mk/deps.sh build source check vm kernel
	@test/debug/run.sh -j $(or $(JOBS),1) $(SCENARIOS)
