#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py CRASH.CSV CRASH.MD: counts the power cuts by kernel, driver and the step in which they fell."""

import collections
import csv
import sys

# In the order of a swap; I/O waits in those that PAUSE names, and for a part of cover.
PHASES = ("before", "check", "capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover",
          "undo start", "undo stop", "undo cover", "undo capture", "after")
PAUSE = ("stop", "start", "compare", "replay", "verify", "undo start", "undo stop", "undo cover")

TEXT = """<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Written by test/crash/report.py -->
# Power cuts within swaps

    make crash

A virtual machine (2 CPUs, emulated) writes to partitions and file systems of the disks, in seven to nine jobs that count in
memory of the host what they were promised: a record after its fsync(), a block written with O_DSYNC, a row that sqlite has committed.
A driver is updated undisturbed, which tells how long that takes; then again, or to a version whose probe fails, and the power
is cut at a moment of chance: of the whole swap, or (two thirds of the cuts) from the step on that raises the fence. Up to 60 ms of
rest before each step make the steps that are short as likely as the long ones. What a disk had not flushed is lost, each
4 KiB by chance (QEMU's nvme ignores FUA, so its disk has no such cache). The next boot looks, before anything else, whether all
that was promised is there, repairs nothing but by mounting, and has the file systems checked.

{total} cuts, {pause} of them in the pause (stop to verify, and the way back): after {intact} of them everything was there.

## By step

The step is the last one of which the kernel has written on the console that it began; "before" and "after" are cuts that
missed the swap.

{steps}
## By run

[crash.csv](crash.csv) has a line for each cut; `make crash CRASH_SEED=... CRASH_KILLS=... CRASH_DRIVERS=...` repeats a run, but for
the timing of the host.

{runs}"""


def table(head, lines):
    rows = [head, ["---"] * len(head)] + lines
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in rows)


def by_step(cuts):
    kinds = sorted({(cut["kernel"], cut["driver"]) for cut in cuts})
    counts = collections.Counter((cut["kernel"], cut["driver"], cut["phase"]) for cut in cuts)
    return table(["step"] + [f"{driver}, {kernel.split('-')[0]}" for kernel, driver in kinds],
                 [[phase] + [counts[(kernel, driver, phase)] for kernel, driver in kinds] for phase in PHASES])


def by_run(cuts):
    runs = {}
    for cut in cuts:
        runs.setdefault((cut["kernel"], cut["seed"]), []).append(cut)
    return table(["kernel", "seed", "cuts", "drivers", "in the pause", "everything was there"],
                 [[kernel, seed, len(run), ", ".join(sorted({cut["driver"] for cut in run})),
                   sum(cut["phase"] in PAUSE for cut in run), sum(cut["after"] == "intact" for cut in run)]
                  for (kernel, seed), run in runs.items()])


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        cuts = list(csv.DictReader(file))
    unknown = {cut["phase"] for cut in cuts} - set(PHASES)
    if unknown:
        sys.exit(f"crash: unknown steps: {unknown}")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(TEXT.format(total=len(cuts), pause=sum(cut["phase"] in PAUSE for cut in cuts),
                               intact=sum(cut["after"] == "intact" for cut in cuts),
                               steps=by_step(cuts), runs=by_run(cuts)))


if __name__ == "__main__":
    main()
