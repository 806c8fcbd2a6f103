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
import traces

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


def show_pauses(act, trace):
    run = trace.run

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
    gaps = [trace.gap(swap.pause_begin - run.start, swap.pause_end - run.start) for swap in swaps]
    row(act.stood_still, [milliseconds(gap) for gap in gaps])
    if act.heard:
        row(f"{act.stood_still}, samples", [f"{gap * run.load['rate']:.0f}" for gap in gaps])


def show_load(act, live, plain):
    begin, end = plain.silence(act.gap)
    numbers = plain.numbers()
    print("\n" + act.summary.format(**live.numbers()))
    print(act.plain_summary.format(gap_ms=plain.gap(begin, end) * 1000, longest_s=numbers["longest_ms"] / 1000))


def draw(directory, act, live, plain):
    """Returns the paths, or raises OSError or CalledProcessError."""
    svg, png = f"{directory}/{act.picture}.svg", f"{directory}/{act.picture}.png"
    with open(svg, "w", encoding="utf-8") as file:
        file.write(picture.draw(act, live, plain))
    subprocess.run(["rsvg-convert", "-o", png, svg], check=True)
    return svg, png


def show_act(directory, act):
    """Returns how much was not as promised."""
    live, plain = (data.Run(directory, f"{act.key}-{which}", act) for which in ("live", "plain"))
    print(f"Promised of {act.name}")
    broken = show_promises(act, {"live": live, "plain": plain})
    if [swap.text for swap in live.swaps] != list(act.swaps):
        print("  NO   the five swaps were not all seen")
        broken += 1
    complete = live.load and live.swaps and plain.load and {text for _, text in plain.marks} >= set(act.gap)
    live, plain = (complete and traces.trace(run) for run in (live, plain))
    if not live or not plain:
        print("\nNO picture: the virtual machines left nothing to draw\n")
        return broken + 1
    print("\nPauses by phase")
    show_pauses(act, live)
    show_load(act, live, plain)
    svg, png = draw(directory, act, live, plain)
    print(f"\nPicture: {svg}\n         {png}\n")
    return broken


def main():
    broken = sum([show_act(sys.argv[1], act) for act in acts.ACTS if act.key in sys.argv[2:]])
    print("All as promised" if not broken else f"{broken} NOT as promised")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
