# SPDX-License-Identifier: GPL-2.0
#
# Included by the top Makefile.
#
# make bench: pauses, losses, cost on the data path and memory, for every driver; writes docs/bench.md and .csv, and the
# same of docs/bench-block and docs/bench-sound.  BENCH_ONLY=net, block or sound does one of them.
# make soak: SOAK_SWAPS=1000 swaps in one virtual machine; SOAK_SEED and SOAK_DRIVER repeat or narrow a run.
# With SOAK_CLASS=sound it is 500 in one playback.
# make crash: CRASH_KILLS=100 power cuts inside of swaps of disk drivers, CRASH_DRIVERS (virtio_blk,nvme,ahci); CRASH_SEED
# repeats a run, CRASH_MORE=1 adds to the table in docs/crash.md.

.PHONY: bench
bench:
	@mk/deps.sh build source vm disk sound
	@BENCH_ONLY="$(BENCH_ONLY)" test/bench/run.sh

.PHONY: soak
soak:
	@mk/deps.sh build source vm
	@SOAK_SWAPS="$(SOAK_SWAPS)" SOAK_SEED="$(SOAK_SEED)" SOAK_DRIVER="$(SOAK_DRIVER)" SOAK_CLASS="$(SOAK_CLASS)" test/soak/run.sh

.PHONY: crash
crash:
	@mk/deps.sh build source vm disk
	@CRASH_KILLS="$(CRASH_KILLS)" CRASH_SEED="$(CRASH_SEED)" CRASH_DRIVERS="$(CRASH_DRIVERS)" \
		CRASH_MORE="$(CRASH_MORE)" test/crash/run.sh
