# SPDX-License-Identifier: GPL-2.0
"""The picture of an act of the demonstration, as SVG: the load over time, updates marked, beside the same without Segue."""

from plot import (BLUE, GREY, INK, LEFT, ORANGE, PALE_BLUE, PALE_GREY, PALE_ORANGE, PLOT, RED, SKY, Canvas, Panel)


def draw_live(panel, act, trace):
    run = trace.run
    for swap in run.swaps:
        begin, end = swap.pause_begin - run.start, swap.pause_end - run.start
        panel.band(begin, end, PALE_BLUE if swap.is_done else PALE_ORANGE)
    panel.grid()
    trace.draw(panel)
    middle = 0.0
    for swap in run.swaps:
        begin, end = swap.pause_begin - run.start, swap.pause_end - run.start
        colour = BLUE if swap.is_done else RED
        dashes = "" if swap.is_done else 'stroke-dasharray="4 3"'
        for moment in (begin, end):
            panel.canvas.line(panel.x(moment), panel.top - 4, panel.x(moment), panel.top + panel.height, colour, 1.2,
                              dashes)
        # Words of neighbours do not overlap.
        middle = max((panel.x(begin) + panel.x(end)) / 2, middle + 124)
        what, how = act.swaps.get(swap.text, (swap.text, swap.result))
        panel.canvas.text(middle, panel.top - 40, what, 13, "middle", colour, 'font-weight="bold"')
        panel.canvas.text(middle, panel.top - 25, how, 12, "middle", colour)
        panel.canvas.text(middle, panel.top - 10, f"pause {duration(swap.pause)}", 12, "middle", colour)


def draw_plain(panel, act, trace):
    run = trace.run
    gone, again = trace.silence(act.gap)
    finish = run.load["seconds"]
    panel.band(gone, again, PALE_GREY)
    panel.canvas.rect(panel.x(gone), panel.top, panel.x(again) - panel.x(gone), panel.height, "url(#hatch)")
    panel.grid()
    trace.draw(panel)
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


def duration(seconds, digits=1):
    return f"{seconds:.{digits}f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def draw_close(canvas, act, live, plain, scale):
    """The first swap from close by, with its steps; beside it the plain way if that is of the same length."""
    swap, run = live.run.swaps[0], live.run
    before, after, tick = act.close
    begin, end = swap.pause_begin - run.start, swap.pause_end - run.start
    first, last = round(begin - before, 2), round(end + after, 2)
    scale = live.close_scale(first, last, scale)
    title = f"the {swap.text} from close by: where its {duration(swap.pause, 2)} are spent"
    words = act.close_words.format(began=f"seconds since the start of the {act.began}")
    width = (PLOT - 70) / 2 if act.plain_close else PLOT
    canvas.text(LEFT, 658, title, 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (674, 90), (first, last), scale, (LEFT, width))
    panel.band(begin, end, PALE_BLUE)
    panel.grid()
    live.draw(panel, close=True)
    panel.axes(tick, words)
    draw_phases(canvas, panel, 818, act, run, swap)
    if not act.plain_close:
        return
    left = LEFT + width + 70
    gone, _ = plain.silence(act.gap)
    shift = round(gone - begin, 2)
    canvas.text(left, 658, act.plain_close, 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (674, 90), (first + shift, last + shift), scale.unnamed(), (left, width))
    panel.band(gone, panel.end, PALE_GREY)
    canvas.rect(panel.x(gone), panel.top, panel.x(panel.end) - panel.x(gone), panel.height, "url(#hatch)")
    panel.grid()
    plain.draw(panel, close=True)
    panel.axes(tick, words)


def draw(act, live, plain):
    """LIVE and PLAIN are the traces of both machines."""
    canvas = Canvas()
    canvas.parts.append(
        '<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="8" stroke="{RED}" stroke-opacity="0.35" stroke-width="2"/></pattern></defs>')
    scale = live.scale(plain)
    end = max(live.run.load["seconds"], plain.run.load["seconds"])
    end = -(-end // 5) * 5

    canvas.text(LEFT, 30, act.title, 19, extra='font-weight="bold"')
    canvas.text(LEFT, 51, act.subtitle + live.cut(plain, scale), 12.5, fill="#444444")

    words = f"seconds since the start of the {act.began}"
    canvas.text(LEFT, 84, act.load.format(**live.numbers()), 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (150, 150), (0, end), scale)
    draw_live(panel, act, live)
    panel.axes(10, words)

    canvas.text(LEFT, 378, act.plain_title, 14.5, extra='font-weight="bold"')
    panel = Panel(canvas, (430, 150), (0, end), scale)
    draw_plain(panel, act, plain)
    panel.axes(10, words)

    draw_close(canvas, act, live, plain, scale)
    return canvas.svg()
