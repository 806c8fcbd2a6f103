# SPDX-License-Identifier: GPL-2.0
"""The raw rows of a bench run, and the tables and words that all classes have in common.

A raw row is DRIVER,WAY,REPETITION,METRIC,VALUE.
"""

import csv
import statistics
import sys

STEPS = ["check", "capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover"]
COSTS = ["stock driver", "same source", "same file", "rolled back", "Segue unloaded"]
UNITS = {"ns": "ns", "ms": "ms", "us": "us", "kib": "KiB", "s": "bytes/s"}


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


class Rows:
    """Values by driver, way and metric, in the order in which they came."""

    def __init__(self, paths):
        self.values = {}
        for path in paths:
            with open(path, encoding="utf-8", newline="") as file:
                for driver, way, _, metric, value in csv.reader(file):
                    self.values.setdefault((driver, way, metric), []).append(value)

    def drivers(self, way):
        return list(dict.fromkeys(key[0] for key in self.values if key[1] == way))

    def all(self, driver, way, metric):
        return self.values.get((driver, way, metric), [])

    def median(self, driver, way, metric):
        got = [number(value) for value in self.all(driver, way, metric)]
        if not got:
            sys.exit(f"bench: no value of '{metric}' for {driver}, {way}")
        return statistics.median(got)

    def sums(self, driver, metrics):
        """For each update, these metrics together."""
        columns = [[number(value) for value in self.all(driver, "update", metric)] for metric in metrics]
        return [sum(values) for values in zip(*columns)]

    def total(self, driver, way, metric):
        return sum(number(value) for value in self.all(driver, way, metric))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def ms(nanoseconds):
    value = nanoseconds / 1e6
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def phases(rows):
    out = []
    for driver in rows.drivers("update"):
        line = [driver]
        for step in STEPS:
            whole = rows.median(driver, "update", f"{step}.ns")
            inside = rows.median(driver, "update", f"{step}.driver_ns")
            line.append(ms(whole) + (f" ({ms(inside)})" if inside >= 50000 else ""))
        out.append(line)
    return table(["driver"] + STEPS, out)


def kept(rows):
    out = []
    for driver in rows.drivers("update"):
        out.append([driver] + [f"{rows.median(driver, 'update', f'kept_{what}_kib'):.0f}"
                               for what in ("module", "vmalloc", "slab")])
    return table(["driver", "modules", "vmalloc", "slab"], out)


def costs(rows, measured, more=None):
    """MEASURED: (metric, words) of what has a least and a median; MORE: (words, metric, format of its median)."""
    out = []
    for driver in rows.drivers(COSTS[0]):
        for metric, words in measured:
            for which in ("least", "median"):
                out.append([driver, f"{words}, {which}"] +
                           [f"{rows.median(driver, way, f'{metric}.{which}'):.0f}" for way in COSTS])
        if more:
            words, metric, text = more
            out.append([driver, words] + [text(rows.median(driver, way, metric)) for way in COSTS])
    return table(["driver", "measured"] + COSTS, out)


def proofs(rows, metric, words):
    """Whose function METRIC was after each update, and that nothing is redirected."""
    out = []
    for driver in rows.drivers("update"):
        out.append([driver, "<br>".join(f"`{name}`" for name in rows.all(driver, "update", metric)),
                    f"{rows.total(driver, 'update', 'ftrace_functions'):.0f}"])
    return table(["driver", words, "redirected functions"], out)


# Before and after what a class has to say.
HEAD = """<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Written by test/bench/report.py -->
# {title}

    {command}

Kernel {kernel} ({version}), {qemu} on {cpu}, no hardware acceleration: one virtual CPU, emulated by software. **All
times are those of an emulator**, several times longer than on a machine, and noisy; what can be compared is
within a row. Medians of {repetitions} repetitions, all of one run; [{name}.csv]({name}.csv) has the least and the most
too.{others}
"""

TAIL = """
## Memory that one standby generation keeps, KiB

What `segue commit` gives back: the modules as `/proc/modules` counts them, and by how much vmalloc (it holds the modules) and
slab memory shrink. The latter breathes by some ten KiB.

{kept}"""


def write_csv(rows, kernel, path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["kernel", "driver", "way", "metric", "unit", "n", "least", "median", "most"])
        for (driver, way, metric), values in rows.values.items():
            got = [number(value) for value in values]
            if None in got:
                out.writerow([kernel, driver, way, metric, "", len(values), "", "; ".join(values), ""])
                continue
            # Metrics end in their unit; the measurements of cost are instructions, the rest is counted.
            unit = UNITS.get(metric.rsplit(".", 1)[-1].rsplit("_", 1)[-1], "")
            if metric.startswith(("send.", "echo.", "read.", "play.")):
                unit = "instructions"
            out.writerow([kernel, driver, way, metric, unit, len(got)] +
                         [f"{value:.0f}" for value in (min(got), statistics.median(got), max(got))])
