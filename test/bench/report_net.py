# SPDX-License-Identifier: GPL-2.0
"""The tables of network drivers."""

import statistics

from rows import ms, number, table, phases, costs, proofs, kept

NAME = "bench"
# The steps during which the interface carries no traffic and that do not wait for a link.
PAUSED = ["cover", "stop", "start", "compare", "replay"]


def pauses(rows):
    out = []
    for driver in rows.drivers("update"):
        pause = rows.median(driver, "update", "pause_ns")
        whole = rows.sums(driver, [f"{step}.ns" for step in PAUSED])
        inside = rows.sums(driver, [f"{step}.driver_ns" for step in PAUSED])
        own = statistics.median(a - b for a, b in zip(whole, inside))
        link = statistics.median(number(a) - b for a, b in zip(rows.all(driver, "update", "pause_ns"), whole))
        plain = rows.median(driver, "rebind", "gap_ms")
        gap = rows.median(driver, "update", "gap_ms")
        out.append([driver, ms(pause), ms(statistics.median(inside)), ms(own), ms(link), f"{gap:.0f}", f"{plain:.0f}",
                    f"{plain / gap:.1f}", f"{rows.median(driver, 'rebind', 'configured_ms'):.0f}",
                    f"{rows.median(driver, 'quiet', 'gap_ms'):.0f}"])
    return table(["driver", "pause", "driver", "Segue's own", "link", "update: without traffic", "rebind: without traffic",
                  "rebind/update", "rebind: until configured", "no swap: longest gap"], out)


def losses(rows):
    out = []
    for driver in rows.drivers("update"):
        line = [driver]
        for way in ("update", "rebind"):
            line += [f"{rows.total(driver, way, metric):.0f}"
                     for metric in ("sent", "send_errors", "lost_out", "lost_in")]
        out.append(line)
    return table(["driver", "update: sent", "refused", "lost out", "lost in",
                  "rebind: sent", "refused", "lost out", "lost in"], out)


TITLE = "What an update costs"
COMMAND = "make bench"
OTHERS = ""
TEXT = """
## Pause

An update beside what there is without Segue: `unbind` and `bind` of the same driver and a script that puts
the same settings back (addresses, routes, VLAN, MTU, rings, offloads, coalescing, queueing discipline). Milliseconds. "Pause" is
what Segue reports, from holding packets to letting them go: what the driver takes, Segue's own share of the steps from cover
to replay, and then the wait for the link and for letting packets go. "Without traffic" is the longest time between two arrivals of
a stream of UDP echoes, one each 2 ms, as the application sees it.

{pauses}
Steps of an update, in brackets what the driver took of it. Capture waits for a frame as a sign of life, before the pause;
verify waits for the link and, after the pause, for a frame.

{phases}
## Packets

Of the same stream, over {repetitions} updates and {repetitions} rebinds. "Refused": send() failed, in an update because what
waits fills the socket's buffer, in a rebind because there is no route. "Lost out": sent and not seen by the server. "Lost in": echoed by the server, not received.

{losses}
## Cost afterwards

Instructions per packet, of 2,000, in a second virtual machine whose clock counts instructions (`-icount shift=0`). "One
send()" is a UDP packet of 64 bytes from the system call to the device; "a packet and its echo" is everything the CPU
executes for it. There the interrupts of the two packets come together or apart, as the host's timing will have it.
"Same source" is an update to a new build of the unchanged driver, "same file" one to the distribution's module
loaded again. The download's megabytes per second are of that machine's own time.

{costs}
After each update the function that sends is in the live driver's module, and the list of redirected functions
(`/sys/kernel/tracing/enabled_functions`) is empty:

{proofs}"""


def tables(rows):
    return {"pauses": pauses(rows), "phases": phases(rows), "losses": losses(rows),
            "costs": costs(rows, [("send", "one send()"), ("echo", "a packet and its echo")],
                           ("download, MB/s", "download_bytes_s", lambda value: f"{value / 1e6:.1f}")),
            "proofs": proofs(rows, "xmit", "ndo_start_xmit after each update"), "kept": kept(rows)}
