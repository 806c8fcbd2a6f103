# SPDX-License-Identifier: GPL-2.0
"""The picture of an act of the demonstration, as SVG: the load over time, updates marked, beside the same without Segue."""

from xml.sax.saxutils import escape

WIDTH, HEIGHT = 1120, 1010
LEFT, RIGHT = 78, 24
PLOT = WIDTH - LEFT - RIGHT
BIN = 0.25

# Okabe and Ito's colours, told apart with any colour vision; every meaning is also written.
BLUE, SKY, ORANGE, RED, GREY, INK = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#8a8a8a", "#222222"
PALE_BLUE, PALE_ORANGE, PALE_GREY = "#d4e8f5", "#fbe6c0", "#ececec"


class Canvas:
    def __init__(self):
        self.parts = []

    def rect(self, x, y, width, height, fill, extra=""):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.6):.1f}" height="{height:.1f}" '
                          f'fill="{fill}" {extra}/>')

    def line(self, x1, y1, x2, y2, stroke=INK, width=1.0, extra=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
                          f'stroke-width="{width}" {extra}/>')

    def text(self, x, y, words, size=13, anchor="start", fill=INK, extra=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'fill="{fill}" {extra}>{escape(words)}</text>')

    def path(self, points, fill, stroke):
        words = " ".join(f"{'L' if number else 'M'}{x:.1f} {y:.1f}" for number, (x, y) in enumerate(points))
        self.parts.append(f'<path d="{words}" fill="{fill}" stroke="{stroke}" stroke-width="1"/>')

    def svg(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
                f'height="{HEIGHT}" font-family="DejaVu Sans, Verdana, Arial, sans-serif">\n'
                '<!-- SPDX-License-Identifier: GPL-2.0 -->\n'
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


class Panel:
    """A plot of RATE, a unit per second, over seconds."""

    def __init__(self, canvas, place, times, peak, step, rate):
        self.canvas, self.peak, self.rate = canvas, peak, rate
        self.top, self.height = place
        self.begin, self.end = times
        self.ticks = [number * step for number in range(int(peak / step + 1e-9) + 1)]

    def x(self, seconds):
        return LEFT + (min(max(seconds, self.begin), self.end) - self.begin) / (self.end - self.begin) * PLOT

    def y(self, rate):
        return self.top + self.height * (1 - min(rate, self.peak) / self.peak)

    def band(self, begin, end, fill):
        self.canvas.rect(self.x(begin), self.top, self.x(end) - self.x(begin), self.height, fill)

    def area(self, rates, width):
        """Steps of WIDTH seconds, filled down to zero; outside the panel nothing is drawn."""
        points = [(self.x(self.begin), self.y(0))]
        for moment, rate in rates:
            if moment + width < self.begin or moment > self.end:
                continue
            points += [(self.x(moment), self.y(rate)), (self.x(moment + width), self.y(rate))]
        points.append((points[-1][0], self.y(0)))
        self.canvas.path(points, "#5a6f80", "none")

    def grid(self):
        for rate in self.ticks:
            self.canvas.line(LEFT, self.y(rate), LEFT + PLOT, self.y(rate), "#cccccc", 0.6)

    def axes(self, x_step, x_words):
        bottom = self.top + self.height
        for rate in self.ticks:
            self.canvas.text(LEFT - 8, self.y(rate) + 4, f"{rate:g}", 12, "end")
        moment = -(-self.begin // x_step) * x_step
        while moment <= self.end + 1e-9:
            self.canvas.line(self.x(moment), bottom, self.x(moment), bottom + 5)
            self.canvas.text(self.x(moment), bottom + 19, f"{moment:g}", 12, "middle")
            moment += x_step
        self.canvas.line(LEFT, bottom, LEFT + PLOT, bottom)
        self.canvas.line(LEFT, self.top, LEFT, bottom)
        self.canvas.text(LEFT + PLOT / 2, bottom + 37, x_words, 12, "middle")
        middle = self.top + self.height / 2
        self.canvas.text(20, middle, self.rate, 12, "middle", extra=f'transform="rotate(-90 20 {middle:.0f})"')


def draw_live(panel, act, run):
    for swap in run.swaps:
        begin, end = swap.pause_begin - run.start, swap.pause_end - run.start
        panel.band(begin, end, PALE_BLUE if swap.is_done else PALE_ORANGE)
    panel.grid()
    panel.area(run.rates(BIN), BIN)
    middle = 0.0
    for swap in run.swaps:
        begin, end = swap.pause_begin - run.start, swap.pause_end - run.start
        colour = BLUE if swap.is_done else RED
        dashes = "" if swap.is_done else 'stroke-dasharray="4 3"'
        for moment in (begin, end):
            panel.canvas.line(panel.x(moment), panel.top - 4, panel.x(moment), panel.top + panel.height, colour, 1.2,
                              dashes)
        # Words of neighbours do not overlap.
        middle = max((panel.x(begin) + panel.x(end)) / 2, middle + 138)
        what, how = act.swaps.get(swap.text, (swap.text, swap.result))
        panel.canvas.text(middle, panel.top - 40, what, 13, "middle", colour, 'font-weight="bold"')
        panel.canvas.text(middle, panel.top - 25, how, 12, "middle", colour)
        panel.canvas.text(middle, panel.top - 10, f"pause {duration(swap.pause)}", 12, "middle", colour)


def draw_plain(panel, act, run):
    marks = {text: moment - run.start for moment, text in run.marks}
    gone, again = (marks[text] for text in act.gap)
    finish = run.load["seconds"]
    panel.band(gone, again, PALE_GREY)
    panel.canvas.rect(panel.x(gone), panel.top, panel.x(again) - panel.x(gone), panel.height, "url(#hatch)")
    panel.grid()
    panel.area(run.rates(BIN), BIN)
    for moment in (gone, again):
        panel.canvas.line(panel.x(moment), panel.top - 4, panel.x(moment), panel.top + panel.height, RED, 1.6)
    # Words of marks that are close to each other stand on both sides of them.
    anchor = "middle" if panel.x(again) - panel.x(gone) > 100 else "end"
    end = panel.x(again) if anchor == "middle" else panel.x(again) + 6
    panel.canvas.text(panel.x(gone), panel.top - 25, act.plain_begins[0], 13, anchor, RED, 'font-weight="bold"')
    panel.canvas.text(panel.x(gone), panel.top - 10, act.plain_begins[1], 12, anchor, RED)
    panel.canvas.text(end, panel.top - 25, act.plain_ends[0], 13, "start", INK, 'font-weight="bold"')
    panel.canvas.text(end, panel.top - 10, act.plain_ends[1], 12, "start", INK)
    middle = (panel.x(gone) + panel.x(again)) / 2
    for number, words in enumerate(act.plain_lost):
        width = 8 + 7.2 * len(words)
        y = panel.top + panel.height * 0.30 + 19 * number
        panel.canvas.rect(middle - width / 2, y - 14, width, 19, "white")
        panel.canvas.text(middle, y, words, 12, "middle")
    if finish < panel.end - 3:
        panel.canvas.line(panel.x(finish), panel.top, panel.x(finish), panel.top + panel.height, GREY, 1,
                          'stroke-dasharray="2 4"')
        panel.canvas.text(panel.x(finish) + 8, panel.top + panel.height / 2, "end of this run", 12, fill="#666666")


ROWS = ("capture", "cover", "stop", "start", "compare", "replay", "verify", "uncover")


def phase_colour(act, span):
    if span.name == "verify" and span.name in act.not_counted:
        return SKY
    return ORANGE if span.driver > span.duration / 2 else INK


def draw_phases(canvas, panel, top, act, run, swap):
    """One row for each step below the close view, with the same time scale."""
    height = 19
    for number, name in enumerate(ROWS):
        y = top + number * height
        canvas.rect(LEFT, y, PLOT, height, "#f7f7f7" if number % 2 else "white")
        canvas.text(LEFT - 8, y + 14, name, 12, "end")
        for span in swap.spans:
            if span.name != name:
                continue
            x1, x2 = panel.x(span.begin - run.start), panel.x(span.end - run.start)
            canvas.rect(x1, y + 3, max(x2 - x1, 2), height - 6, phase_colour(act, span))
            words = f"{span.duration * 1000:.1f} ms"
            if act.meanings[name]:
                words += f": {act.meanings[name]}"
            # Beside the bar where there is room, on its left otherwise.
            if x2 + 7.2 * len(words) < LEFT + PLOT:
                canvas.text(x2 + 6, y + 14, words, 12)
            else:
                canvas.text(x1 - 6, y + 14, words, 12, "end")
    bottom = top + len(ROWS) * height + 20
    x = LEFT
    legend = [(ORANGE, "the drivers' own code"), (SKY, act.waiting), (INK, "Segue's own")]
    if "verify" not in act.not_counted:
        del legend[1]
    for colour, words in legend:
        canvas.rect(x, bottom - 11, 14, 13, colour)
        canvas.text(x + 20, bottom, words, 12)
        x += 34 + 7.4 * len(words) + 16


def nice_peak(*runs):
    """Three times the usual rate fits; the short bursts in which a backlog arrives are cut above it."""
    rates = sorted(rate for run in runs for _, rate in run.rates(BIN) if rate)
    top = min(rates[-1] * 1.1, rates[len(rates) // 2] * 3) if rates else 1
    for step in (0.5, 1, 2, 5, 10, 20, 50, 100):
        if top <= step * 4:
            return -(-top // step) * step, step
    return top, top / 4


def duration(seconds, digits=1):
    return f"{seconds:.{digits}f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def draw(act, live, plain):
    canvas = Canvas()
    canvas.parts.append(
        '<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="8" stroke="{RED}" stroke-opacity="0.35" stroke-width="2"/></pattern></defs>')
    peak, y_step = nice_peak(live, plain)
    end = max(live.load["seconds"], plain.load["seconds"])
    end = -(-end // 5) * 5

    canvas.text(LEFT, 30, act.title, 19, extra='font-weight="bold"')
    cut = any(rate > peak for run in (live, plain) for _, rate in run.rates(BIN))
    canvas.text(LEFT, 51, act.subtitle + (f", bursts above {peak:g} {act.rate.rsplit(', ', 1)[-1]} are cut" if cut else ""), 12.5,
                fill="#444444")

    words = f"seconds since the start of the {act.began}"
    canvas.text(LEFT, 84, act.load_line(live), 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (150, 150), (0, end), peak, y_step, act.rate)
    draw_live(panel, act, live)
    panel.axes(10, words)

    canvas.text(LEFT, 378, act.plain_title, 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (430, 150), (0, end), peak, y_step, act.rate)
    draw_plain(panel, act, plain)
    panel.axes(10, words)

    swap = live.swaps[0]
    canvas.text(LEFT, 658, f"the {swap.text} from close by: where its {duration(swap.pause, 2)} are spent", 14.5,
                extra='font-weight="bold"')
    before, after, tick = act.close
    first = round(swap.pause_begin - live.start - before, 2)
    last = round(swap.pause_end - live.start + after, 2)
    close = live.rates(0.02)
    rates = sorted(rate for moment, rate in close if first < moment < last)
    zoom_peak = -(-rates[int(len(rates) * 0.98)] // 1) if rates else peak
    zoom_peak = min(max(zoom_peak, 1), peak * 1.5)
    panel = Panel(canvas, (674, 90), (first, last), zoom_peak, max(1, round(zoom_peak / 2)), act.rate)
    panel.band(swap.pause_begin - live.start, swap.pause_end - live.start, PALE_BLUE)
    panel.grid()
    panel.area(close, 0.02)
    panel.axes(tick, f"{words}; {act.counted} in each 20 ms")
    draw_phases(canvas, panel, 818, act, live, swap)
    return canvas.svg()
