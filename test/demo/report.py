#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The end of the demonstration: for each act what was promised, the pauses by phase, the picture.

Exit code 0 if every promise of all acts was kept and the pictures drawn.
"""

import re
import subprocess
import sys

import acts
import data
import picture

PHASES = ("capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover",
          "undo start", "undo stop", "undo cover")

def show_promises(act, runs):
    """Prints what was promised; returns how many promises are broken."""
    broken = 0
    for text, run, pattern in act.promises:
        found = [(passed, words) for passed, words in runs[run].assertions if re.search(pattern, words)]
        kept = bool(found) and all(passed for passed, _ in found)
        broken += not kept
        print(f"  {'yes' if kept else 'NO ':3}  {text}")
        for passed, words in found:
            if not passed:
                print(f"         {words[:120]}")
        if not found:
            print("         was not tried; see build/demo/*.result and build/log")
    for which, run in runs.items():
        others = [words for passed, words in run.assertions if not passed and not any(
            name == which and re.search(pattern, words) for _, name, pattern in act.promises)]
        if others or not run.is_complete:
            broken += 1
            print(f"  NO   everything else in the virtual machine '{run.name}'")
            print("         " + (others[0][:120] if others else "it did not come to its end"))
    return broken


def milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1000:.1f}"


def show_pauses(act, run):
    def row(name, values):
        print(f"  {name:<22}" + "".join(f"{value:>17}" for value in values))

    swaps = run.swaps
    row("ms", [swap.text for swap in swaps])
    for phase in PHASES:
        if any(swap.duration(phase) is not None for swap in swaps):
            row(phase, [milliseconds(swap.duration(phase)) for swap in swaps])
    row("pause", [milliseconds(swap.pause) for swap in swaps])
    row("  in the drivers", [milliseconds(swap.driver()) for swap in swaps])
    row("  " + act.waiting, [milliseconds(swap.waiting(act.not_counted)) for swap in swaps])
    row("  Segue's own", [milliseconds(swap.own(act.not_counted)) for swap in swaps])
    row(act.stood_still, [milliseconds(run.gap(swap.pause_begin, swap.pause_end)) for swap in swaps])


def show_load(act, live, plain):
    numbers = live.numbers()
    if act is acts.NET:
        print(f"\nDownload: {numbers['megabytes']:.1f} MB in {live.load['seconds']:.0f} s, "
              f"{numbers['errors']} wrong; session: {live.session['lines']} lines, "
              f"{live.session['errors']} wrong, longest wait {live.session['gap_ms'] / 1000:.1f} s")
        print(f"With rmmod and insmod: the download stood still for {plain.load['gap_ms'] / 1000:.1f} s, "
              "until the interface was set up again (15 s later, by choice of the demo)")
        return
    marks = dict((text, moment) for moment, text in plain.marks)
    begin, end = (marks[text] for text in act.gap)
    print(f"\nDatabase: {numbers['rows']} rows in {live.load['seconds']:.0f} s, {numbers['errors']} errors, "
          f"the longest commit took {numbers['longest_ms']:.0f} ms")
    print(f"With unmount, unbind, bind and mount: no row for {plain.gap(begin, end) * 1000:.0f} ms, "
          "and the database was ended and started again")


def draw(directory, act, live, plain):
    """Returns the paths, or raises OSError or CalledProcessError."""
    svg, png = f"{directory}/{act.picture}.svg", f"{directory}/{act.picture}.png"
    with open(svg, "w", encoding="utf-8") as file:
        file.write(picture.draw(act, live, plain))
    subprocess.run(["rsvg-convert", "-o", png, svg], check=True)
    return svg, png


def show_act(directory, act):
    """Returns how much was not as promised."""
    live = data.Run(directory, f"{act.key}-live", act.unit)
    plain = data.Run(directory, f"{act.key}-plain", act.unit)
    print(f"Promised of {act.name}")
    broken = show_promises(act, {"live": live, "plain": plain})
    print("\nPauses by phase")
    show_pauses(act, live)
    if [swap.text for swap in live.swaps] != list(act.swaps):
        print("  NO   the five swaps were not all seen")
        broken += 1
    if live.load and live.swaps and plain.load and {text for _, text in plain.marks} >= set(act.gap):
        show_load(act, live, plain)
        svg, png = draw(directory, act, live, plain)
        print(f"\nPicture: {svg}\n         {png}\n")
    else:
        print("\nNO picture: the virtual machines left nothing to draw\n")
        broken += 1
    return broken


def main():
    broken = sum([show_act(sys.argv[1], act) for act in acts.ACTS if act.key in sys.argv[2:]])
    print("All as promised" if not broken else f"{broken} NOT as promised")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
