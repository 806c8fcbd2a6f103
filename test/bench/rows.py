# SPDX-License-Identifier: GPL-2.0
"""The raw rows of a bench run, and the tables that networks and disks have in common.

A raw row is DRIVER,WAY,REPETITION,METRIC,VALUE.
"""

import csv
import statistics
import sys

STEPS = ["check", "capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover"]
COSTS = ["stock driver", "same source", "same file", "rolled back", "Segue unloaded"]
UNITS = {"ns": "ns", "ms": "ms", "kib": "KiB", "s": "bytes/s"}


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
            if metric.startswith(("send.", "echo.", "read.")):
                unit = "instructions"
            out.writerow([kernel, driver, way, metric, unit, len(got)] +
                         [f"{value:.0f}" for value in (min(got), statistics.median(got), max(got))])
