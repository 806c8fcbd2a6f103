# SPDX-License-Identifier: GPL-2.0
"""What is plotted in the pictures of the demonstration: how much arrives in a second, or what is heard."""

import os
import sys

from plot import SLATE, Scale

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import recording  # noqa: E402


class Rates:
    """Bytes or rows per second."""

    BIN, CLOSE_BIN = 0.25, 0.02

    def __init__(self, run):
        self.run = run

    def rates(self, width):
        """(seconds, units per second) in steps of WIDTH seconds."""
        if not self.run.timeline:
            return []
        count = int(self.run.timeline[-1][0] / width) + 1
        totals = [0] * count
        for moment, size in self.run.timeline:
            totals[int(moment / width)] += size
        return [(number * width, total / width / self.run.act.unit) for number, total in enumerate(totals)]

    def gap(self, begin, end):
        """The longest time without anything that touches BEGIN..END."""
        longest = 0.0
        last = 0.0
        for moment, _ in self.run.timeline:
            if moment > begin and last < end:
                longest = max(longest, moment - last)
            last = moment
        return longest

    def silence(self, marks):
        """When what the plain way interrupts ends, and when it goes on."""
        return tuple(self.run.mark(text) for text in marks)

    def numbers(self):
        return self.run.numbers()

    def scale(self, other):
        """Three times the usual rate fits; the short bursts in which a backlog arrives are cut above it."""
        rates = sorted(rate for trace in (self, other) for _, rate in trace.rates(self.BIN) if rate)
        top = min(rates[-1] * 1.1, rates[len(rates) // 2] * 3) if rates else 1
        for step in (0.5, 1, 2, 5, 10, 20, 50, 100):
            if top <= step * 4:
                return Scale(0, -(-top // step) * step, step, self.run.act.values)
        return Scale(0, top, top / 4, self.run.act.values)

    def close_scale(self, first, last, scale):
        rates = sorted(rate for moment, rate in self.rates(self.CLOSE_BIN) if first < moment < last)
        peak = -(-rates[int(len(rates) * 0.98)] // 1) if rates else scale.high
        peak = min(max(peak, 1), scale.high * 1.5)
        return Scale(0, peak, max(1, round(peak / 2)), scale.words)

    def cut(self, other, scale):
        """What the scale has no room for, in words."""
        if all(rate <= scale.high for trace in (self, other) for _, rate in trace.rates(self.BIN)):
            return ""
        return f", bursts above {scale.high:g} {scale.words.rsplit(', ', 1)[-1]} are cut"

    def draw(self, panel, close=False):
        """Steps, filled down to zero; outside the panel nothing is drawn."""
        width = self.CLOSE_BIN if close else self.BIN
        points = [(panel.x(panel.begin), panel.y(0))]
        for moment, rate in self.rates(width):
            if moment + width < panel.begin or moment > panel.end:
                continue
            points += [(panel.x(moment), panel.y(rate)), (panel.x(moment + width), panel.y(rate))]
        points.append((points[-1][0], panel.y(0)))
        panel.canvas.path(points, SLATE, "none")


class Piece:
    """Frames that follow one another without a gap: when the first one is heard, where they are in the recording."""

    def __init__(self, begin, first, count, rate):
        self.begin, self.first, self.count = begin, first, count
        self.end = begin + count / rate


class Sound:
    """What a card has played, on the clock of the machine.

    The recording has every sample that was played, and nothing for the time in which none was.  How long that was follows
    from the stream's position, which was read all the time: between two swaps it goes by as the clock does, and what it
    is behind the clock from then on is the gap.  A swap moves a position forward to the next multiple of the buffer, and
    leaves it at the end of a period.
    """

    def __init__(self, run):
        self.run = run
        self.rate = run.load["rate"]
        path = run.path("wav")
        found = recording.runs_of(path, self.rate, "tune")
        self.samples = [sample / 327.68 for sample in recording.read(path)[0]]
        # Each playing begins with the first note; only in the plain machine there are two.
        plays = []
        for run_found in found:
            if run_found.number == 0:
                plays.append([run_found.at, 0])
            if run_found.number >= 0 and plays:
                plays[-1][1] = run_found.at + run_found.length - plays[-1][0]
        self.pieces = []
        for (head, count), stream in zip(plays, self._streams()):
            self._place(stream, head, count)
        self.play = recording.Play(0)
        recording.follow(found, [self.play])

    def _streams(self):
        """Positions of each stream that played, one after the other; one may be seen before it has begun."""
        streams = [[]]
        position = 0
        for moment, step in self.run.timeline:
            position = position + step if step else 0
            if step:
                streams[-1].append((moment, position))
            else:
                streams.append([])
        return [stream for stream in streams if stream]

    def _place(self, points, head, count):
        """One stream, cut where drivers were swapped."""
        period, size = self.run.load["period"], self.run.load["buffer"]
        first = jumped = 0
        for swap in self.run.swaps + [None]:
            begin, end = (swap.pause_begin - self.run.start, swap.pause_end - self.run.start) if swap else (1e9, 1e9)
            before = [point for point in points if point[0] < begin]
            points = [point for point in points if point[0] > end]
            if not before:
                break
            start = min(moment - (position - jumped) / self.rate for moment, position in before)
            last = count
            if points:
                left = -(-before[-1][1] // period) * period
                last = left - jumped
                jumped += points[0][1] // size * size - left
            self.pieces.append(Piece(start + first / self.rate, head + first, last - first, self.rate))
            first = last
            if not points:
                break

    def gap(self, begin, end):
        """The silence that begins about then."""
        return sum(later.begin - piece.end for piece, later in zip(self.pieces, self.pieces[1:])
                   if begin - 0.2 < piece.end < end + 0.2)

    def silence(self, _marks):
        return self.pieces[0].end, self.pieces[1].begin

    def numbers(self):
        play = self.play
        return dict(self.run.numbers(), frames=play.heard, lost=play.lost, repeated=play.repeated,
                    damaged=play.garbled, longest_ms=1000 * max(
                        [later.begin - piece.end for piece, later in zip(self.pieces, self.pieces[1:])] + [0]))

    def scale(self, other):
        peak = max(max(abs(sample) for sample in trace.samples) for trace in (self, other))
        peak = -(-peak // 20) * 20
        return Scale(-peak, peak, peak / 2, self.run.act.values)

    def close_scale(self, _first, _last, scale):
        return scale

    def cut(self, _other, _scale):
        return ""

    def draw(self, panel, close=False):
        """Close by the wave itself, and from afar the least and the greatest sample of each point."""
        panel.canvas.line(panel.x(0), panel.y(0), panel.x(self.pieces[-1].end), panel.y(0), SLATE, 0.8)
        for piece in self.pieces:
            begin, end = max(piece.begin, panel.begin), min(piece.end, panel.end)
            if begin >= end:
                continue
            at = piece.first + int((begin - piece.begin) * self.rate)
            last = piece.first + int((end - piece.begin) * self.rate)
            if close:
                panel.canvas.path([(panel.x(piece.begin + (number - piece.first) / self.rate), panel.y(self.samples[number]))
                                   for number in range(at, last)], "none", SLATE)
                continue
            step = max(1, int((panel.end - panel.begin) / panel.width * self.rate))
            columns = [(panel.x(piece.begin + (number - piece.first) / self.rate), self.samples[number:number + step])
                       for number in range(at, last, step)]
            panel.canvas.path([(x, panel.y(max(column))) for x, column in columns] +
                              [(x, panel.y(min(column))) for x, column in reversed(columns)], SLATE, "none")


def trace(run):
    """None if there is nothing to draw."""
    if not run.act.heard:
        return Rates(run)
    sound = Sound(run)
    # Whatever interrupts music leaves two pieces of it, at least.
    return sound if len(sound.pieces) > 1 else None
