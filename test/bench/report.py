#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Turns the raw rows of a bench run into bench.csv and bench.md, or bench-block.* or bench-sound.*.

What each class has to say is in report_net.py, report_block.py and report_sound.py.
"""

import argparse
import os
import subprocess

import report_block
import report_net
import report_sound
import rows as raw

PARTS = {"net": report_net, "block": report_block, "sound": report_sound}


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return " ".join(line.split(":", 1)[1].split())
    return "an unknown processor"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--part", choices=PARTS, required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("rows", nargs="+")
    args = parser.parse_args()
    part = PARTS[args.part]
    rows = raw.Rows(args.rows)
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True, check=True).stdout
    os.makedirs(args.out, exist_ok=True)
    raw.write_csv(rows, args.kernel, os.path.join(args.out, f"{part.NAME}.csv"))
    text = (raw.HEAD + part.TEXT + raw.TAIL).format(
        title=part.TITLE, command=part.COMMAND, others=part.OTHERS, name=part.NAME, kernel=args.kernel, version=args.version,
        qemu="QEMU " + qemu.split("version ")[1].split()[0], cpu=processor(),
        repetitions=len(rows.all(rows.drivers("update")[0], "update", "pause_ns")), **part.tables(rows))
    with open(os.path.join(args.out, f"{part.NAME}.md"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
