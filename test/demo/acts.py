# SPDX-License-Identifier: GPL-2.0
"""What differs between the acts of the demonstration: machines, promises, words.  How they are read and drawn does not."""

from dataclasses import dataclass


@dataclass
class Act:
    # Its name on the command line and in the files of its machines, in words, and the picture's.
    key: str
    name: str
    picture: str
    # What a promise says, in which machine, and the assertions that it stands for.
    promises: tuple
    # The words that pick out each swap, with what happened and how it ended; all are wanted.
    swaps: dict
    # Of the timeline, what makes one in the plot, since when, and the plot's words.
    unit: float
    began: str
    values: str
    title: str
    subtitle: str
    load: str
    stood_still: str
    # Steps of a swap that are no pause, or no work of Segue's, and what the rest of the pause is.
    not_counted: tuple
    waiting: str
    meanings: dict
    # The plain machine: marks at which the gap begins and ends, and what is written there.
    gap: tuple
    plain_title: str
    plain_begins: tuple
    plain_ends: tuple
    plain_lost: tuple
    # The close view: seconds before and after the pause, and between two ticks; what is below it.
    close: tuple
    close_words: str
    # At the end, of the load in both machines.
    summary: str
    plain_summary: str
    # What is plotted is heard, and so a plain close view stands beside the other one.
    heard: bool = False
    plain_close: str = ""
    # The step with which the pause ends, if it is not the last one before those that are not counted.
    resumes: tuple = ()


NET = Act(
    key="net", name="an interface", picture="demo",
    promises=(
        ("stock kernel, stock e1000 loaded by modprobe", "live", "^stock driver|distribution's file"),
        ("the new versions are really different builds", "live", "different builds"),
        ("updated to v2 under load", "live", "update to v2: (exit|v2 is|traffic)"),
        ("updated again, to v3", "live", "update to v3: (exit|v3 is|traffic)"),
        ("an update that fails in probe rolls back by itself", "live", "failing probe: (exit|it says|v3 is|traffic)"),
        ("an update that lacks a function is refused, by name", "live",
         "missing function: (exit|it is named|v3|traffic)"),
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
    ),
    swaps={
        "update to v2": ("update to v2", "done"),
        "update to v3": ("update to v3", "done"),
        "failing probe": ("probe fails", "rolled back by itself"),
        "missing function": ("function missing", "refused, rolled back"),
        "rollback to v2": ("rollback to v2", "done"),
    },
    unit=1e6, began="download", values="received, MB/s",
    title="One TCP download while the driver of its interface is replaced",
    subtitle="Debian's kernel 6.1 in QEMU (emulated, one CPU), e1000; bytes in each quarter of a second",
    load="segue update: five swaps, {megabytes:.0f} MB arrive, {errors} wrong; connection, interface, addresses, "
         "settings stay",
    stood_still="download stood still",
    not_counted=("check", "capture", "verify", "uncover", "undo cover", "undo capture"), waiting="waiting for link",
    meanings={
        "capture": "settings are read; traffic flows",
        "cover": "packets are held back",
        "stop": "the old driver's remove()",
        "start": "the new driver's probe()",
        "compare": "nothing may be missing",
        "replay": "settings put in, opened",
        "verify": "waits for link and a frame",
        "uncover": "",
    },
    gap=("rmmod", "set up by hand"),
    plain_title="rmmod and insmod, the same driver and the same scale: the interface of the connection disappears",
    plain_begins=("rmmod, insmod", "eth0 disappears"),
    plain_ends=("set up again", "the demo does so after 15 s: link, address, route"),
    plain_lost=("another eth0: down,", "no address, no route;", "VLAN, qdisc, settings", "and tcpdump are lost"),
    close=(0.6, 1.3, 0.5), close_words="{began}; bytes in each 20 ms",
    summary="Download: {megabytes:.1f} MB in {seconds:.0f} s, {errors} wrong; session: {lines} lines, {session_errors} wrong, "
            "longest wait {session_s:.1f} s",
    plain_summary="With rmmod and insmod: the download stood still for {longest_s:.1f} s, until the interface was set up "
                  "again (15 s later, by choice of the demo)",
)

DISK = Act(
    key="disk", name="a disk", picture="demo-disk",
    promises=(
        ("stock kernel, stock nvme and nvme-core loaded by modprobe", "live", "^stock driver|distribution's file"),
        ("the new versions are really different builds", "live", "different builds"),
        ("updated to v2 from files on that very disk, under load", "live", "update to v2: (exit|v2 is|I/O)"),
        ("updated again, to v3", "live", "update to v3: (exit|v3 is|I/O)"),
        ("an update that fails in probe rolls back by itself", "live", "failing probe: (exit|it says|v3 is|I/O)"),
        ("an update that forgets the write cache is refused, by name", "live",
         "cache forgotten: (exit|it is named|v3|I/O)"),
        ("rolled back to v2 by command", "live", "rollback to v2: (exit|v2 is|I/O)"),
        ("no error reached the database", "live", "all swaps: sqlite on"),
        ("every committed row is on the disk, integrity_check says ok", "live", "all swaps: acknowledged rows"),
        ("the file system is clean (e2fsck)", "live", "all swaps: (e2fsck|unmount)|mkfs|mount nvme"),
        ("the disk is the same one (dev_t)", "live", "the disk has the same number"),
        ("values, settings, nodes and mounts are the same", "live", "all swaps: values, nodes"),
        ("udevadm monitor and polls saw nothing", "live", "all swaps: ('udev|polls)"),
        ("no I/O error in the kernel log, Segue unloads", "live", "unloads$|kernel log|no ftrace|commit drops"),
        ("without Segue the database has to end, and the disk goes", "plain",
         "cannot be unmounted|^unmount|unbind|disk is gone|rmmod|insmod|comes back|v2 is live|is lost|^mount"),
    ),
    swaps={
        "update to v2": ("update to v2", "done"),
        "update to v3": ("update to v3", "done"),
        "failing probe": ("probe fails", "rolled back by itself"),
        "cache forgotten": ("cache forgotten", "refused, rolled back"),
        "rollback to v2": ("rollback to v2", "done"),
    },
    unit=1, began="session", values="rows committed/s",
    title="One sqlite session while the driver of its disk is replaced, from files on that disk",
    subtitle="Debian's kernel 6.1 in QEMU (emulated, one CPU), ext4 on nvme; rows committed in each quarter of a second",
    load="segue update: five swaps, {rows} rows are committed, {errors} fail, the longest takes {longest_ms:.0f} ms; "
         "process, mount, disk, settings stay",
    stood_still="no row committed for",
    not_counted=("check", "capture", "start", "uncover", "undo capture"), waiting="waiting, reporting",
    meanings={
        "capture": "settings are read; I/O flows",
        "cover": "I/O waits, the queue is drained",
        "stop": "the old driver's remove()",
        "start": "the new driver's probe()",
        "compare": "nothing may be less",
        "replay": "settings put in",
        "verify": "reads the disk, lets I/O go",
        "uncover": "",
    },
    gap=("unmount", "mounted again"),
    plain_title="unmount, unbind, bind and mount, the same driver and the same scale: the database has to end",
    plain_begins=("unmount, unbind", "the database is ended"),
    plain_ends=("bound, mounted", "the database is started again at once, by a script"),
    plain_lost=(),
    close=(0.15, 0.25, 0.05), close_words="{began}; rows in each 20 ms",
    summary="Database: {rows} rows in {seconds:.0f} s, {errors} errors, the longest commit took {longest_ms:.0f} ms",
    plain_summary="With unmount, unbind, bind and mount: no row for {gap_ms:.0f} ms, and the database was ended and started "
                  "again",
)

SOUND = Act(
    key="sound", name="a sound card", picture="demo-sound",
    promises=(
        ("stock kernel, stock snd-ens1370 loaded by modprobe", "live", "^stock driver|distribution's file"),
        ("the new versions are really different builds", "live", "different builds"),
        ("updated to v2 while music plays", "live", "update to v2: (exit|v2 is|1 streams)"),
        ("updated again, to v3", "live", "update to v3: (exit|v3 is|1 streams)"),
        ("an update that fails in probe rolls back by itself", "live", "failing probe: (exit|it says|v3 is|1 streams)"),
        ("an update that lacks a format is refused, by name", "live", "missing format: (exit|it is named|v3|1 streams)"),
        ("rolled back to v2 by command", "live", "rollback to v2: (exit|v2 is|1 streams)"),
        ("every sample was heard, once and in order", "live", "the recording has|frames are of no play"),
        ("aplay is one process and saw nothing", "live", "same process|tune (ended|said)"),
        ("controls, files and nodes of the card are the same", "live", "all swaps: controls, files"),
        ("udevadm monitor, alsactl monitor and polls saw nothing", "live", "all swaps: ('udev|'alsactl|no event|polls)"),
        ("Segue unloads, the kernel log is clean", "live", "unloads$|kernel log|no ftrace|commit drops"),
        ("without Segue the music ends with an error, and the card goes", "plain",
         "aplay has ended|unbind|card is gone|rmmod|insmod|comes back|v2 is live|is lost"),
        ("and has to begin again", "plain", "is noticed"),
    ),
    swaps={
        "update to v2": ("update to v2", "done"),
        "update to v3": ("update to v3", "done"),
        "failing probe": ("probe fails", "rolled back by itself"),
        "missing format": ("format missing", "refused, rolled back"),
        "rollback to v2": ("rollback to v2", "done"),
    },
    unit=1, began="music", values="level, %",
    title="Music while the driver of its sound card is replaced",
    subtitle="Debian's kernel 6.1 in QEMU (emulated, one CPU), ES1370; what aplay has the card play, on the machine's clock, to "
             "a millisecond",
    load="segue update: five swaps, {frames:,} samples are heard, {lost} lost, {repeated} twice; the longest silence is "
         "{longest_ms:.1f} ms",
    stood_still="silence",
    not_counted=("check", "capture", "cover", "verify", "uncover", "undo cover", "undo capture"),
    waiting="waiting, reporting",
    meanings={
        "capture": "settings are read; the music plays",
        "cover": "calls wait; to the end of a period",
        "stop": "the old driver's remove()",
        "start": "the new driver's probe()",
        "compare": "nothing may be less",
        "replay": "mixer put in, streams started",
        "verify": "the position moves",
        "uncover": "",
    },
    gap=("unbind", "played again"),
    plain_title="unbind and bind, the same driver and the same scale: aplay ends with an error",
    plain_begins=("unbind", "aplay dies, the card is gone"),
    plain_ends=("bind", "aplay is started again at once, by a script, and begins with the first note"),
    plain_lost=(),
    close=(0.03, 0.04, 0.01), close_words="{began}",
    summary="Music: {frames:,} samples in order, {lost} lost, {repeated} repeated, {damaged} damaged; the longest silence "
            "was {longest_ms:.1f} ms",
    plain_summary="With unbind and bind: aplay died, silence for {gap_ms:.0f} ms until it was started again, from the first "
                  "note",
    heard=True, plain_close="unbind, the same scale: the music ends",
    resumes=("replay", "undo stop"),
)

ACTS = (NET, DISK, SOUND)
