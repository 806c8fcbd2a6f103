# SPDX-License-Identifier: GPL-2.0
"""What the pictures of the demonstration are drawn with: SVG, and plots over seconds."""

from xml.sax.saxutils import escape

WIDTH, HEIGHT = 1120, 1010
LEFT, RIGHT = 78, 24
PLOT = WIDTH - LEFT - RIGHT

# Okabe and Ito's colours, told apart with any colour vision; every meaning is also written.
BLUE, SKY, ORANGE, RED, GREY, INK = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#8a8a8a", "#222222"
PALE_BLUE, PALE_ORANGE, PALE_GREY = "#d4e8f5", "#fbe6c0", "#ececec"
SLATE = "#5a6f80"


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


class Scale:
    """The values that a plot has room for, those that are written beside it, and what they are."""

    def __init__(self, low, high, step, words):
        self.low, self.high, self.words = low, high, words
        self.ticks = [low + number * step for number in range(int((high - low) / step + 1e-9) + 1)]

    def unnamed(self):
        """For a plot beside another one."""
        return Scale(self.low, self.high, self.ticks[1] - self.ticks[0], "")


class Panel:
    """A plot over seconds; PLACE is its top and height, ACROSS its left side and width."""

    def __init__(self, canvas, place, times, scale, across=(LEFT, PLOT)):
        self.canvas, self.scale = canvas, scale
        self.top, self.height = place
        self.left, self.width = across
        self.begin, self.end = times

    def x(self, seconds):
        return self.left + (min(max(seconds, self.begin), self.end) - self.begin) / (self.end - self.begin) * self.width

    def y(self, value):
        low, high = self.scale.low, self.scale.high
        return self.top + self.height * (high - min(max(value, low), high)) / (high - low)

    def band(self, begin, end, fill):
        self.canvas.rect(self.x(begin), self.top, self.x(end) - self.x(begin), self.height, fill)

    def grid(self):
        for value in self.scale.ticks:
            self.canvas.line(self.left, self.y(value), self.left + self.width, self.y(value), "#cccccc", 0.6)

    def axes(self, x_step, x_words):
        bottom = self.top + self.height
        for value in self.scale.ticks:
            self.canvas.text(self.left - 8, self.y(value) + 4, f"{value:g}", 12, "end")
        moment = -(-self.begin // x_step) * x_step
        while moment <= self.end + 1e-9:
            self.canvas.line(self.x(moment), bottom, self.x(moment), bottom + 5)
            self.canvas.text(self.x(moment), bottom + 19, f"{moment:g}", 12, "middle")
            moment += x_step
        self.canvas.line(self.left, bottom, self.left + self.width, bottom)
        self.canvas.line(self.left, self.top, self.left, bottom)
        self.canvas.text(self.left + self.width / 2, bottom + 37, x_words, 12, "middle")
        x, middle = self.left - 58, self.top + self.height / 2
        self.canvas.text(x, middle, self.scale.words, 12, "middle", extra=f'transform="rotate(-90 {x} {middle:.0f})"')
