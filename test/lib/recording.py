# SPDX-License-Identifier: GPL-2.0
"""What a card has played, held against what was given to it.

Whatever is played in a scenario is a row of frames, no two of which are the same: test/lib/st.c makes them from their
numbers, and here the numbers are read from the recording again.  So a frame that is lost, repeated, out of order or
damaged is seen as such, one by one.  Silence (zero) is no frame's content; within a play it is a gap.

A number is written as digits, a digit D of a radix R as the sample D - R/2, one more if that is not negative, and with
8 bits one less if it is:

    both    the first digit in the left channel, the second in the right one, 16384 each
    u8      the same with samples of 8 bits, 240 each
    single  left and right play numbers of their own, with one digit of 60000: two streams that are mixed
    tune    no digits, but what tune.py makes, from its beginning: a number is how many frames of it were before

Numbers of "u8" and "single" begin again after 57600 and 60000 frames.  They are understood as the nearest ones to what
is expected, and so only one play (for "single" one for each channel) can be told in a recording.
"""

import array
import bisect
import os
import sys

import tune

HEADER = 44
SILENT = -1
GARBLED = -2
# Any sum with a sample that is no digit stays negative.
NO_DIGIT = -(1 << 40)

# radix, whether there are two digits
CODINGS = {"both": (16384, True), "u8": (240, True), "single": (60000, False)}
# Bytes of a frame; frames by which a place in the tune is known; how often one that is not in it is looked for.
FRAME = 4
KNOWN = 16
SEARCHES = 500


def recorded(sample, coding):
    """QEMU takes 127 for the middle of samples of 8 bits, which is 128."""
    return (sample + 1) << 8 if coding == "u8" else sample


def digit_samples(coding):
    """The sample for each digit, as it is recorded; none is silence, of 8 bits or of 16."""
    half = CODINGS[coding][0] // 2
    return [recorded(sample, coding)
            for sample in [*range(-half - (coding == "u8"), -(coding == "u8")), *range(1, half + 1)]]


def modulus(coding):
    radix, two = CODINGS[coding]
    return radix * radix if two else radix


def read(path):
    """Left and right samples of a recording; its header may not have been finished."""
    samples = array.array("h")
    if os.path.exists(path):
        with open(path, "rb") as file:
            data = file.read()[HEADER:]
        samples.frombytes(data[:len(data) // 4 * 4])
        if sys.byteorder == "big":
            samples.byteswap()
    return samples[0::2], samples[1::2]


def numbers(left, right, coding, channel="left"):
    """The number of each frame, modulo modulus(coding); SILENT, or GARBLED."""
    radix, two = CODINGS[coding]
    silent = 0, recorded(0, coding)
    # A list of 65536 finds negative samples, too.
    low = [NO_DIGIT] * 65536
    for digit, sample in enumerate(digit_samples(coding)):
        low[sample] = digit
    if not two:
        return [low[sample] if low[sample] >= 0 else SILENT if sample in silent else GARBLED
                for sample in (left if channel == "left" else right)]
    high = [digit * radix if digit >= 0 else NO_DIGIT for digit in low]
    return [low[a] + high[b] if low[a] + high[b] >= 0 else SILENT if a in silent and b in silent else GARBLED
            for a, b in zip(left, right)]


class Run:
    """Frames that follow one another, or a stretch of silence or garbage (number < 0)."""

    def __init__(self, at, number):
        self.at = at
        self.number = number
        self.length = 1

    @property
    def end(self):
        return self.number + self.length


def runs(row, coding):
    """The recording as runs.  Of codings with a short modulus the numbers are unwrapped."""
    wrap = modulus(coding)
    out = []
    want = 0
    run = None
    for at, number in enumerate(row):
        if number == want and run and run.number >= 0:
            run.length += 1
            want = want + 1 if want + 1 < wrap else 0
            continue
        if number < 0 and run and run.number == number:
            run.length += 1
            continue
        if number >= 0:
            if coding != "both":
                last = next((old for old in reversed(out) if old.number >= 0), None)
                expected = last.end if last else number
                number = expected + (number - expected + wrap // 2) % wrap - wrap // 2
            want = (number + 1) % wrap
        run = Run(at, number)
        out.append(run)
    return out


def common(one, at, two, want):
    """How many frames are the same in ONE from AT on and in TWO from WANT on."""
    at, want = at * FRAME, want * FRAME
    same, step, grows = 0, FRAME, True
    while step >= FRAME:
        piece = one[at + same:at + same + step]
        if len(piece) == step and piece == two[want + same:want + same + step]:
            same += step
            step *= 2 if grows else 1
        else:
            grows = False
            step //= 2
    return same // FRAME


def place(piece, whole):
    """The number of the frame at which PIECE begins in WHOLE; -1 if it does not occur."""
    at = whole.find(piece)
    while at >= 0 and at % FRAME:
        at = whole.find(piece, at + 1)
    return at // FRAME if at >= 0 else -1


def tune_runs(left, right, whole):
    """The recording of a tune as runs; WHOLE has all its frames, as bytes."""
    row = array.array("h", bytes(FRAME * len(left)))
    row[0::2], row[1::2] = left, right
    row = row.tobytes()
    out = []
    at = want = searches = 0
    while at < len(left):
        same = common(row, at, whole, want)
        if not same:
            silent = not left[at] and not right[at]
            if not silent and searches < SEARCHES:
                searches += 1
                found = place(row[at * FRAME:(at + KNOWN) * FRAME], whole)
                if found >= 0:
                    want = found
                    continue
            number = SILENT if silent else GARBLED
            if out and out[-1].number == number:
                out[-1].length += 1
            else:
                out.append(Run(at, number))
            at += 1
            continue
        if out and out[-1].number >= 0 and out[-1].end == want:
            out[-1].length += same
        else:
            out.append(Run(at, want))
            out[-1].length = same
        at += same
        want += same
    return out


def runs_of(path, rate, coding, channel="left"):
    """What a recording has, as runs."""
    left, right = read(path)
    if coding == "tune":
        return tune_runs(left, right, tune.frames(rate).tobytes())
    return runs(numbers(left, right, coding, channel), coding)


class Play:
    """One stream that was played: frames FIRST to FIRST + COUNT - 1; without COUNT nobody knows how far it came."""

    def __init__(self, first, count=None, limit=None):
        self.first = first
        self.count = count
        self.limit = first + (count if count is not None else limit or 1 << 23)
        self.heard = self.lost = self.repeated = self.garbled = 0
        self.missing = 0        # lost at the end
        self.tail = 0           # old frames that come once more after the last one
        self.gaps = []          # (where in the recording, frames of silence)
        self.faults = []        # what is told of the first ones
        self.next = first

    def owns(self, number):
        return self.first <= number < self.limit

    def add(self, run, silence, garbled):
        """A run of the recording, after that much silence and that many damaged frames."""
        if self.next == self.limit:
            self.tail += run.length
            return
        if self.heard:
            if silence:
                self.gaps.append((run.at - silence, silence))
            if garbled:
                self.garbled += garbled
                self.fault(run.at - garbled, f"{garbled} damaged")
        if run.number > self.next:
            self.lost += run.number - self.next
            self.fault(run.at, f"{run.number - self.next} lost before {run.number}")
        elif run.number < self.next:
            again = min(run.end, self.next) - run.number
            self.repeated += again
            self.fault(run.at, f"{again} again from {run.number}")
        self.heard += max(0, run.end - max(run.number, self.next))
        self.next = max(self.next, run.end)

    def finish(self):
        if self.count is not None and self.next < self.limit:
            self.missing = self.limit - self.next

    def fault(self, at, text):
        if len(self.faults) < 6:
            self.faults.append(text if at is None else f"{text} at {at}")

    def longest_gap(self):
        return max((length for _, length in self.gaps), default=0)

    def describe(self, rate):
        ms = 1000 / rate
        text = (f"{self.heard} frames in order, lost {self.lost} ({self.lost * ms:.1f} ms), "
                f"repeated {self.repeated} ({self.repeated * ms:.1f} ms), damaged {self.garbled}, "
                f"{len(self.gaps)} gaps, longest {self.longest_gap()} ({self.longest_gap() * ms:.1f} ms)")
        if self.missing:
            text += f", the last {self.missing} ({self.missing * ms:.1f} ms) missing"
        if self.tail:
            text += f", {self.tail} old ones ({self.tail * ms:.1f} ms) after the end"
        return text + "".join(f"; {fault}" for fault in self.faults)


def follow(found, plays):
    """Gives each run to the play that it is of; returns how many frames are of none."""
    plays = sorted(plays, key=lambda play: play.first)
    firsts = [play.first for play in plays]
    other = silence = garbled = 0
    current = None
    for run in found:
        if run.number == SILENT:
            silence += run.length
        elif run.number == GARBLED:
            garbled += run.length
        else:
            index = bisect.bisect_right(firsts, run.number) - 1
            play = plays[index] if index >= 0 and plays[index].owns(run.number) else None
            if not play:
                other += run.length
                continue
            if play is not current or not play.heard:
                other += garbled
            play.add(run, silence if play is current else 0, garbled if play is current else 0)
            current = play
            silence = garbled = 0
    for play in plays:
        play.finish()
    return other + garbled


def words_of(text):
    """KEY=VALUE... TEXT as a dictionary and the text."""
    values = {}
    rest = text.split(" ")
    while rest and "=" in rest[0]:
        key, _, values[key] = rest.pop(0).partition("=")
    return values, " ".join(rest)


def judge(path, rate, wanted):
    """Assertions of a recording, as (held, text): one for each wanted play, one for all that is of none.

    A wanted play is a text "KEY=VALUE... TEXT" with the keys first, count, coding (both), channel (left); how many
    frames may be lost, repeated, missing (at the end), tail (old ones after the end), each 0; loses: how many must be
    lost, 0; how many gaps there may be; other (frames of no play in the whole recording, 0); not (1: it must not be
    so, to show that harm is seen).
    """
    wanted = [words_of(text) for text in wanted]
    codings = {values.get("coding", "both") for values, _ in wanted}
    if len(codings) != 1:
        return [(False, "recording: plays of one coding are wanted, not of " + ", ".join(sorted(codings)))]
    coding = codings.pop()
    mixed = coding == "single"
    other = 0
    plays = [Play(int(values["first"]), int(values["count"]) if "count" in values else None) for values, _ in wanted]
    for channel in ("left", "right") if mixed else ("left",):
        mine = [play for play, (values, _) in zip(plays, wanted) if not mixed or values.get("channel", "left") == channel]
        other += follow(runs_of(path, rate, coding, channel), mine)
    out = []
    for play, (values, text) in zip(plays, wanted):
        limits = {key: int(values.get(key, 0)) for key in ("lost", "repeated", "missing", "tail")}
        held = (play.heard > 0 and not play.garbled and int(values.get("loses", 0)) <= play.lost <= limits["lost"] and
                play.repeated <= limits["repeated"] and play.missing <= limits["missing"] and
                play.tail <= limits["tail"] and ("gaps" not in values or len(play.gaps) <= int(values["gaps"])))
        if values.get("not") == "1":
            held, text = not held, f"{text} is noticed"
        out.append((held, f"{text}: the recording has {play.describe(rate)}"))
    allowed = max(int(values.get("other", 0)) for values, _ in wanted)
    out.append((other <= allowed, f"recording: {other} frames are of no play, of {len(read(path)[0])}"))
    return out
