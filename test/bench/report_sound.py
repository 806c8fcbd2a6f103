# SPDX-License-Identifier: GPL-2.0
"""The tables of sound drivers."""

import statistics

from rows import ms, table, phases, costs, proofs, kept

NAME = "bench-sound"
# The steps during which the card is silent, the whole of them or a part.
SILENT = ["cover", "stop", "start", "compare", "replay"]


def pauses(rows):
    out = []
    for driver in rows.drivers("update"):
        rate = rows.median(driver, "update", "rate")
        pause = rows.median(driver, "update", "pause_ns")
        inside = statistics.median(rows.sums(driver, [f"{step}.driver_ns" for step in SILENT]))
        late = rows.median(driver, "update", "late_us")
        silent = rows.median(driver, "rebind", "silent_ms")
        out.append([driver, ms(pause), f"{pause * rate / 1e9:.0f}", ms(inside), f"{late / 1000:.1f}", f"{late * rate / 1e6:.0f}",
                    f"{abs(rows.median(driver, 'quiet', 'late_us')) / 1000:.1f}", f"{silent:.0f}", f"{silent * rate / 1000:.0f}",
                    f"{silent / (pause / 1e6):.0f}"] +
                   [f"{rows.median(driver, 'rebind', f'{part}_ms'):.0f}" for part in ("unbind", "bind")])
    return table(["driver", "pause", "in samples", "drivers' own code", "update: the stream is late by", "in samples",
                  "no swap: off by", "rebind: silent", "in samples", "rebind/pause", "unbind", "bind"], out)


def samples(rows):
    """Each step that can be heard, in samples."""
    out = []
    for driver in rows.drivers("update"):
        rate = rows.median(driver, "update", "rate")
        out.append([driver] + [f"{rows.median(driver, 'update', f'{step}.ns') * rate / 1e9:.0f}" for step in SILENT[1:]])
    return table(["driver"] + SILENT[1:], out)


TITLE = "What an update of a sound card's driver costs"
COMMAND = "make bench BENCH_ONLY=sound"
OTHERS = " Of network drivers: [bench.md](bench.md)."
TEXT = """
This machine's clock counts instructions, two nanoseconds each, so the times are the same on any host: they say how much
is to be done, and what the drivers wait for.

## Pause

An update beside what there is without Segue: `unbind` and `bind` of the same driver. Milliseconds, and how
many samples of one channel that is. "Pause" is what Segue reports, from the stop of the stream to its start; "drivers' own
code" is what remove() and probe() took of it. A stream whose buffer is mapped plays all the time: "late by" is how far its position is
behind the clock at its end, as the application sees it, and beside it by how much the two differ without any swap. The recording of each has
every sample once and in order. In a rebind the application dies: "silent" is from the beginning of `unbind` until another
one plays that is started as soon as there is a card.

{pauses}
Steps of an update in milliseconds, in brackets what the driver took of it. Within cover the stream comes to the end of its
buffer, or of a period if the buffer is not mapped, and plays until then; verify sees its position move.

{phases}
The steps that can be heard, in samples:

{samples}
## Cost afterwards

Instructions of the whole machine for each second of playing, with fifty periods, of 20 seconds, in a second virtual machine
(`-icount shift=0`), which executes a thousand millions in a second. "Same source" is an update to a new build of the unchanged driver, "same file" one to the distribution's
modules loaded again.

{costs}
After each update the function that starts a stream is in the live driver's module or in a library of it, and the list of
redirected functions (`/sys/kernel/tracing/enabled_functions`) is empty:

{proofs}"""


def tables(rows):
    return {"pauses": pauses(rows), "phases": phases(rows), "samples": samples(rows),
            "costs": costs(rows, [("play", "instructions per second")]),
            "proofs": proofs(rows, "trigger", "what starts a stream after each update"), "kept": kept(rows)}
