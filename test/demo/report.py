#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The end of the demonstration: what was promised, the pauses by phase, the picture.

Exit code 0 if every promise was kept and the picture drawn.
"""

import re
import subprocess
import sys

import data
import picture

# What a promise says, in which machine, and the assertions that it stands for.
PROMISES = (
    ("stock kernel, stock e1000 loaded by modprobe", "live", "^stock driver|distribution's file"),
    ("the new versions are really different builds", "live", "different builds"),
    ("updated to v2 under load", "live", "update to v2: (exit|v2 is|traffic)"),
    ("updated again, to v3", "live", "update to v3: (exit|v3 is|traffic)"),
    ("an update that fails in probe rolls back by itself", "live", "failing probe: (exit|it says|v3 is|traffic)"),
    ("an update that lacks a function is refused, by name", "live", "missing function: (exit|it is named|v3|traffic)"),
    ("rolled back to v2 by command", "live", "rollback to v2: (exit|v2 is|traffic)"),
    ("the transfer is intact", "live", "all swaps: download intact|all swaps: download:"),
    ("the interactive session is alive", "live", "all swaps: session"),
    ("the packet capture went on", "live", "all swaps: capture"),
    ("the interface is the same one (ifindex)", "live", "eth0 has the same number"),
    ("addresses, routes, settings are the same", "live", "all swaps: addresses, routes"),
    ("ip monitor, udevadm monitor and polls saw nothing", "live", "all swaps: ('ip mon|'udev|polls)"),
    ("Segue unloads, the kernel log is clean", "live", "unloads$|kernel log|no ftrace|commit drops"),
    ("with rmmod and insmod the interface is another one", "plain",
     "rmmod|insmod|another interface|addresses are gone|VLAN"),
    ("with rmmod and insmod nothing arrives any more", "plain", "not one byte|capture has ended"),
)

PHASES = ("capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover",
          "undo start", "undo stop", "undo cover")
# The word that picks out each swap; all five are wanted.
SWAPS = ("update to v2", "update to v3", "failing probe", "missing function", "rollback to v2")


def show_promises(runs):
    """Prints what was promised; returns how many promises are broken."""
    broken = 0
    for text, run, pattern in PROMISES:
        found = [(passed, words) for passed, words in runs[run].assertions if re.search(pattern, words)]
        kept = bool(found) and all(passed for passed, _ in found)
        broken += not kept
        print(f"  {'yes' if kept else 'NO ':3}  {text}")
        for passed, words in found:
            if not passed:
                print(f"         {words[:120]}")
        if not found:
            print("         was not tried; see build/demo/*.result and build/log")
    for run in runs.values():
        others = [words for passed, words in run.assertions if not passed and not any(
            name == run.name and re.search(pattern, words) for _, name, pattern in PROMISES)]
        if others or not run.is_complete:
            broken += 1
            print(f"  NO   everything else in the virtual machine '{run.name}'")
            print("         " + (others[0][:120] if others else "it did not come to its end"))
    return broken


def milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1000:.1f}"


def show_pauses(run):
    def row(name, values):
        print(f"  {name:<22}" + "".join(f"{value:>17}" for value in values))

    swaps = run.swaps
    row("ms", [swap.text for swap in swaps])
    for phase in PHASES:
        if any(swap.duration(phase) is not None for swap in swaps):
            row(phase, [milliseconds(swap.duration(phase)) for swap in swaps])
    row("pause", [milliseconds(swap.pause) for swap in swaps])
    row("  in the drivers", [milliseconds(swap.driver()) for swap in swaps])
    row("  waiting for link", [milliseconds(swap.waiting()) for swap in swaps])
    row("  Segue's own", [milliseconds(swap.own()) for swap in swaps])
    row("download stood still", [milliseconds(run.gap(swap.pause_begin, swap.pause_end)) for swap in swaps])


def draw(directory, live, plain):
    """Returns the paths, or raises OSError or CalledProcessError."""
    svg, png = f"{directory}/demo.svg", f"{directory}/demo.png"
    with open(svg, "w", encoding="utf-8") as file:
        file.write(picture.draw(live, plain))
    subprocess.run(["rsvg-convert", "-o", png, svg], check=True)
    return svg, png


def main():
    directory = sys.argv[1]
    runs = {name: data.Run(directory, name) for name in ("live", "plain")}
    live, plain = runs["live"], runs["plain"]
    print("Promised")
    broken = show_promises(runs)
    print("\nPauses by phase")
    show_pauses(live)
    if [swap.text for swap in live.swaps] != list(SWAPS):
        print("  NO   the five swaps were not all seen")
        broken += 1
    if live.pull:
        print(f"\nDownload: {live.pull['bytes'] / 1e6:.1f} MB in {live.pull['seconds']:.0f} s, "
              f"{live.pull['errors']} wrong; session: {live.session['lines']} lines, "
              f"{live.session['errors']} wrong, longest wait {live.session['gap_ms'] / 1000:.1f} s")
    if plain.pull:
        print(f"With rmmod and insmod: the download stood still for {plain.pull['gap_ms'] / 1000:.1f} s, "
              "until the interface was set up again (15 s later, by choice of the demo)")
    if live.swaps and plain.marks:
        svg, png = draw(directory, live, plain)
        print(f"\nPicture: {svg}\n         {png}")
    else:
        print("\nNO picture: the virtual machines left nothing to draw")
        broken += 1
    print("\nAll as promised" if not broken else f"\n{broken} NOT as promised")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
