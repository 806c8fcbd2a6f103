# SPDX-License-Identifier: GPL-2.0
"""The tables of disk drivers."""

import statistics

from rows import ms, table, phases, costs, proofs, kept

NAME = "bench-block"
# The steps during which I/O waits, the whole of them or a part.
PAUSED = ["cover", "stop", "start", "compare", "replay", "verify"]


def pauses(rows):
    out = []
    for driver in rows.drivers("update"):
        inside = statistics.median(rows.sums(driver, [f"{step}.driver_ns" for step in PAUSED]))
        pause = rows.median(driver, "update", "pause_ns")
        longest = {way: max(rows.median(driver, way, f"{job}_longest_ms") for job in ("append", "read"))
                   for way in ("update", "quiet")}
        whole = rows.median(driver, "rebind", "whole_ms")
        out.append([driver, ms(pause), ms(inside), f"{longest['update']:.0f}", f"{longest['quiet']:.0f}", f"{whole:.0f}",
                    f"{whole / (pause / 1e6):.1f}"] +
                   [f"{rows.median(driver, 'rebind', f'{part}_ms'):.0f}" for part in ("unmount", "unbind", "bind", "mount")])
    return table(["driver", "pause", "drivers' own code", "update: longest I/O", "no swap: longest I/O", "rebind: no I/O",
                  "rebind/pause", "unmount", "unbind", "bind", "mount"], out)


TITLE = "What an update of a disk's driver costs"
COMMAND = "make bench BENCH_ONLY=block"
OTHERS = " Of network drivers: [bench.md](bench.md)."
TEXT = """
## Pause

An update beside what there is without Segue: unmount, `unbind`, `bind` of the same driver, mount. Milliseconds. "Pause" is what
Segue reports, from holding I/O to letting it go; "drivers' own code" is what remove() and probe() took of it. Two
applications work on ext4 during an update: one writes records and flushes each, one reads past the page cache;
"longest I/O" is the longest time that one operation of either took, as the application sees it, and beside it the
same without any swap. In a rebind no application can run: "no I/O" is from the beginning of unmounting to the end
of mounting, without the time in which the applications end and start again; no setting of the disk is put back.

{pauses}
Steps of an update, in brackets what the driver took of it. I/O waits from cover to verify.

{phases}
## Cost afterwards

Instructions of a read of 4 KiB past the page cache, of 2,000, in a second virtual machine whose clock counts instructions
(`-icount shift=0`): everything that the CPU executes for it, from the system call to the interrupt and back. "Reads per
second" are one after the other, in that machine's own time, the most of 20 times 100: the emulated disk answers when the
host gets to it, so they are noisy, and the instructions are not. "Same source" is an update to a new build of the unchanged driver, "same file" one to the distribution's modules
loaded again.

{costs}
After each update the function that takes the disk's requests is in the live driver's module or in a library of it, and the
list of redirected functions (`/sys/kernel/tracing/enabled_functions`) is empty:

{proofs}"""


def tables(rows):
    return {"pauses": pauses(rows), "phases": phases(rows),
            "costs": costs(rows, [("read", "instructions of a read")], ("reads per second", "iops", "{:.0f}".format)),
            "proofs": proofs(rows, "function", "what takes requests after each update"), "kept": kept(rows)}
