# SPDX-License-Identifier: GPL-2.0
"""What the virtual machines of the demonstration left behind, read once for the table and the picture."""

import json
import os

NS = 1e9


class Span:
    """One step of a swap, or its undoing; times in seconds of the guest's monotonic clock."""

    def __init__(self, end, begin_ns):
        self.name = ("undo " if end["event"] == "undo-end" else "") + end["step"]
        self.begin = begin_ns / NS
        self.end = end["time_ns"] / NS
        self.duration = end["duration_ns"] / NS
        self.driver = end["driver_ns"] / NS


class Swap:
    """One command: what it was, how it ended, its steps."""

    def __init__(self, text, moment, resumes):
        self.text = text
        self.moment = moment
        self.resumes = resumes
        self.result = ""
        self.pause = 0.0
        self.spans = []

    @property
    def pause_begin(self):
        """Packets or I/O are held from this step on, or as long before the step that ends the pause."""
        ends = [span.end for span in self.spans if span.name in self.resumes]
        if ends:
            return ends[-1] - self.pause
        begins = [span.begin for span in self.spans if span.name == "cover"]
        return begins[0] if begins else self.moment

    @property
    def pause_end(self):
        return self.pause_begin + self.pause

    @property
    def is_done(self):
        return self.result == "done"

    def duration(self, name):
        """All spans of one phase; None if it has none."""
        found = [span.duration for span in self.spans if span.name == name]
        return sum(found) if found else None

    def driver(self):
        """What the drivers themselves took of the pause."""
        return sum(span.driver for span in self.spans if span.name != "capture")

    def own(self, not_counted):
        """What Segue took of it, without steps that only wait and those outside of the pause."""
        return sum(span.duration - span.driver for span in self.spans if span.name not in not_counted)

    def waiting(self, not_counted):
        return max(0.0, self.pause - self.driver() - self.own(not_counted))


class Run:
    """One virtual machine: its assertions, load, and swaps or marks."""

    def __init__(self, directory, name, act):
        self.directory = directory
        self.name = name
        self.act = act
        self.assertions = []
        for line in self._lines("result"):
            words = line.split(None, 1)[1] if len(line.split(None, 1)) == 2 else ""
            if words.startswith("ok "):
                self.assertions.append((True, words[3:]))
            elif words.startswith("not ok "):
                self.assertions.append((False, words[7:]))
            self.is_complete |= words == "done"
        traffic = [json.loads(line) for line in self._lines("traffic")]
        # What is drawn, as its program reports it, and an interactive session if there is one.
        self.load, self.session = (traffic + [{}, {}])[:2]
        self.start = self.load.get("start_s", 0.0)
        # (seconds since the start of the load, bytes or rows or frames) whenever something arrived
        words = " ".join(self._lines("timeline")).split()
        self.timeline = [(float(ms) / 1000, int(count)) for ms, count in zip(words[::2], words[1::2])]
        self.marks = []
        self.swaps = []
        self._read_events()

    is_complete = False

    def path(self, suffix):
        return os.path.join(self.directory, f"{self.name}.{suffix}")

    def _lines(self, suffix):
        path = self.path(suffix)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [line.rstrip("\n") for line in file if line.strip()]

    def _read_events(self):
        events = [json.loads(line) for line in self._lines("events")]
        self.marks = [(event["time_s"], event["text"]) for event in events if event["event"] == "mark"]
        begun = {}
        swap = None
        for event in events:
            kind = event["event"]
            moment = event.get("time_ns", 0)
            if kind == "swap-begin":
                before = [text for time, text in self.marks if time <= moment / NS]
                swap = Swap(before[-1] if before else "swap", moment / NS, self.act.resumes)
                self.swaps.append(swap)
            elif kind in ("step-begin", "undo-begin"):
                begun[event["step"]] = moment
            elif kind in ("step-end", "undo-end") and event["step"] in begun:
                swap.spans.append(Span(event, begun[event["step"]]))
            elif kind == "device-end":
                swap.result = event["result"]
                swap.pause = event.get("pause_ns", 0) / NS

    def numbers(self):
        """Of the load, under the names that the acts' words use."""
        return {"megabytes": self.load.get("bytes", 0) / 1e6, "rows": self.load.get("done", 0),
                "errors": self.load.get("errors", 0), "seconds": self.load["seconds"],
                "longest_ms": self.load.get("longest_ms", self.load.get("gap_ms", 0)),
                "lines": self.session.get("lines", 0), "session_errors": self.session.get("errors", 0),
                "session_s": self.session.get("gap_ms", 0) / 1000}

    def mark(self, text):
        """Seconds since the start of the load."""
        return dict((words, moment) for moment, words in self.marks)[text] - self.start
