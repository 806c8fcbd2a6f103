# SPDX-License-Identifier: GPL-2.0
"""A tune for sound cards to play: the beginning of the first prelude of Bach's Well-Tempered Clavier.

It is made when it is needed, and twice alike: in the virtual machine it is a file, on the host what the recording is held
against (recording.py).  The last two bits are noise, as in any master; here they make each few frames occur once only,
however often a bar comes again.
"""

import array
import functools
import math
import operator
import random

# Five notes of each bar, lowest first, as distances from middle C in semitones.
BARS = ((0, 4, 7, 12, 16), (0, 2, 9, 14, 17), (-1, 2, 7, 14, 17), (0, 4, 7, 12, 16), (0, 4, 9, 16, 21),
        (0, 2, 6, 9, 14), (-1, 2, 7, 14, 19), (-1, 0, 4, 7, 12), (-3, 0, 4, 7, 12), (-10, -3, 2, 6, 12),
        (-5, -1, 2, 7, 11))
# Which of them each bar plays one after the other, twice.
FIGURE = (0, 1, 2, 3, 4, 2, 3, 4)
NOTE_SECONDS = 0.19
# How long a note is heard, how soon it fades, and how long it takes to begin.
RING_SECONDS, FADE_SECONDS, ATTACK_SECONDS = 1.2, 0.35, 0.006
# Overtones: how loud each is.
TONES = (1.0, 0.45, 0.2, 0.1)
LEVEL = 4200
# Samples of one period from which all notes are made, a power of two.
PERIOD = 4096
# The right channel is a little behind the left one, which makes the sound wide.
BEHIND_SECONDS = 0.011


def melody(rate):
    """One channel of it, not yet rounded."""
    step, ring = int(NOTE_SECONDS * rate), int(RING_SECONDS * rate)
    order = [bar[which] for bar in BARS for which in FIGURE * 2]
    times = [number / rate for number in range(ring)]
    level = [LEVEL * math.exp(-t / FADE_SECONDS) * min(1, t / ATTACK_SECONDS, (RING_SECONDS - t) / 0.05) for t in times]
    wave = [sum(loud * math.sin(2 * math.pi * (tone + 1) * number / PERIOD) for tone, loud in enumerate(TONES))
            for number in range(PERIOD)]
    notes = {}
    for semitones in set(order):
        pitch = int(261.626 * 2 ** (semitones / 12) * PERIOD / rate * 65536)
        notes[semitones] = [wave[at >> 16 & PERIOD - 1] * loud for at, loud in zip(range(0, pitch * ring, pitch), level)]
    out = [0.0] * (step * len(order) + ring)
    for number, semitones in enumerate(order):
        at = number * step
        out[at:at + ring] = map(operator.add, out[at:at + ring], notes[semitones])
    return array.array("i", map(int, out))


@functools.cache
def frames(rate):
    """Left and right samples, one after the other."""
    left = melody(rate)
    behind = int(BEHIND_SECONDS * rate)
    out = array.array("h", bytes(4 * len(left)))
    # -2, -1, 1 or 2.
    steps = bytes((254, 255, 1, 2)) * 64
    noise = array.array("b", random.Random(846).randbytes(2 * len(left)).translate(steps))
    out[0::2] = array.array("h", map(operator.add, left, noise[0::2]))
    out[1::2] = array.array("h", map(operator.add, array.array("i", bytes(4 * behind)) + left[:-behind], noise[1::2]))
    return out


def write(path, rate):
    """As a wave file."""
    samples = frames(rate)
    size = 2 * len(samples)
    with open(path, "wb") as file:
        file.write(b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt ")
        for value, width in ((16, 4), (1, 2), (2, 2), (rate, 4), (4 * rate, 4), (4, 2), (16, 2)):
            file.write(value.to_bytes(width, "little"))
        file.write(b"data" + size.to_bytes(4, "little"))
        samples.tofile(file)
