# SPDX-License-Identifier: GPL-2.0
#
# Included by the top Makefile.
#
# make bench: pauses, losses, cost on the data path and memory, for every driver; writes docs/bench.md and .csv.
# make soak: SOAK_SWAPS=1000 swaps in one virtual machine; SOAK_SEED and SOAK_DRIVER repeat or narrow a run.

.PHONY: bench
bench:
	@mk/deps.sh build source vm
	@test/bench/run.sh

.PHONY: soak
soak:
	@mk/deps.sh build source vm
	@SOAK_SWAPS="$(SOAK_SWAPS)" SOAK_SEED="$(SOAK_SEED)" SOAK_DRIVER="$(SOAK_DRIVER)" test/soak/run.sh
