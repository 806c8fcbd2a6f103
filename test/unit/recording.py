#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of test/lib/recording.py: it sees what is there, and each way in which a recording can be wrong."""

import array
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import recording  # noqa: E402
import tune  # noqa: E402

SILENCE = (0, 0)
failures = []


def frames(first, count, coding="both", channel="left"):
    samples = recording.digit_samples(coding)
    radix = len(samples)
    for number in range(first, first + count):
        if coding == "single":
            sample = samples[number % radix]
            yield (sample, 0) if channel == "left" else (0, sample)
        else:
            yield samples[number % radix], samples[number // radix % radix]


def judge(content, *wanted):
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "x.wav")
        with open(path, "wb") as file:
            file.write(b"\0" * recording.HEADER)
            array.array("h", [sample for frame in content for sample in frame]).tofile(file)
        return recording.judge(path, 44100, wanted)


def expect(name, want, content, *wanted):
    """WANT is for each assertion whether it holds, as a string of + and -."""
    result = judge(content, *wanted)
    got = "".join("+" if held else "-" for held, _ in result)
    if got != want:
        failures.append(f"{name}: want {want}, got {got}: {result}")
    return result[0][1]


def says(name, words, text):
    if words not in text:
        failures.append(f"{name}: '{words}' is not in '{text}'")


def whole():
    source = list(frames(0, 40000))
    quiet = [SILENCE] * 300
    expect("perfect", "++", quiet + source + quiet, "first=0 count=40000 x")
    text = expect("a gap", "++", source[:500] + quiet + source[500:], "first=0 count=40000 x")
    says("a gap", "1 gaps, longest 300 (6.8 ms)", text)
    expect("one gap too many", "-+", source[:500] + quiet + source[500:], "first=0 count=40000 gaps=0 x")
    text = expect("lost", "-+", source[:500] + source[503:], "first=0 count=40000 x")
    says("lost", "lost 3 (0.1 ms)", text)
    expect("as many lost as may be", "++", source[:500] + source[503:], "first=0 count=40000 lost=3 x")
    expect("one more", "-+", source[:500] + source[504:], "first=0 count=40000 lost=3 x")
    text = expect("lost in a gap", "-+", source[:500] + quiet + source[510:], "first=0 count=40000 x")
    says("lost in a gap", "lost 10 ", text)
    says("lost in a gap", "10 lost before 510 at 800", text)
    text = expect("repeated", "-+", source[:500] + source[450:], "first=0 count=40000 x")
    says("repeated", "repeated 50 ", text)
    expect("one frame again", "-+", source[:500] + source[499:], "first=0 count=40000 x")
    expect("old frames after the end", "-+", source + quiet + source[100:200], "first=0 count=40000 x")
    expect("as many as may be", "++", source + quiet + source[100:200], "first=0 count=40000 tail=100 x")
    expect("not where they may not be", "-+", source[:900] + source[800:], "first=0 count=40000 tail=100 x")
    text = expect("out of order", "-+", source[:500] + source[600:700] + source[500:600] + source[700:],
                  "first=0 count=40000 x")
    says("out of order", "lost 100 ", text)
    says("out of order", "repeated 100 ", text)
    expect("no beginning", "-+", source[1:], "first=0 count=40000 x")
    expect("no end", "-+", source[:-1], "first=0 count=40000 x")
    expect("no end, and it may be so", "++", source[:-1], "first=0 count=40000 missing=1 x")
    expect("no end, by more than may be", "-+", source[:-2], "first=0 count=40000 missing=1 x")
    expect("no end, and said so", "++", source[:-1], "first=0 count=40000 not=1 x")
    expect("an end, and denied", "-+", source, "first=0 count=40000 not=1 x")
    expect("an end that nobody knows", "++", source[:-1], "first=0 x")
    expect("nothing", "-+", quiet, "first=0 x")
    expect("no recording", "-+", [], "first=0 count=40000 x")
    damaged = source[:500] + [(20000, -20000)] + source[501:]
    expect("damaged", "-+", damaged, "first=0 count=40000 x")
    expect("half as loud", "--", source[:500] + [(a // 2, b // 2) for a, b in source[500:510]] + source[510:],
           "first=0 count=40000 x")
    expect("garbage before", "+-", [(9000, 9000)] + quiet + source, "first=0 count=40000 x")
    expect("garbage after", "+-", source + quiet + [(9000, 9000)], "first=0 count=40000 x")
    expect("garbage that may be", "++", source + quiet + [(9000, 9000)], "first=0 count=40000 other=1 x")


def several():
    one, two = list(frames(0, 5000)), list(frames(1 << 22, 7000))
    quiet = [SILENCE] * 50
    both = "first=0 count=5000 a", f"first={1 << 22} count=7000 b"
    expect("two plays", "+++", one + quiet + two, *both)
    expect("the other order", "+++", two + one, *both)
    expect("the second one is missing", "+-+", one, *both)
    expect("a play that nobody wanted", "+-", one + two, "first=0 count=5000 a")
    expect("garbage between", "++-", one + quiet + [(9000, 1)] + two, *both)
    expect("two codings", "-", one, "first=0 count=1 a", "first=0 count=1 coding=u8 b")


def short_codings():
    source = list(frames(0, 150000, "u8"))
    expect("u8", "++", source, "first=0 count=150000 coding=u8 x")
    expect("u8 lost", "-+", source[:70000] + source[70001:], "first=0 count=150000 coding=u8 x")
    expect("u8 repeated", "-+", source[:70000] + source[69000:], "first=0 count=150000 coding=u8 x")
    expect("silence of either kind is none of them", "+-", [(0, 0), (256, 256)] * 99 + source + [(300, 300)],
           "first=0 count=150000 coding=u8 x")
    left = [a for a, _ in frames(0, 150000, "single", "left")]
    right = [b for _, b in frames(7, 149000, "single", "right")]
    wanted = "first=0 count=150000 coding=single a", "first=7 count=149000 coding=single channel=right b"
    expect("mixed", "+++", list(zip(left, right + [0] * 1000)), *wanted)
    expect("mixed, left lost", "-++", list(zip(left[:66000] + left[66100:] + [0] * 100, right + [0] * 1000)), *wanted)
    expect("mixed, right repeated", "+-+", list(zip(left, right[:90] + right[80:] + [0] * 990)), *wanted)
    expect("added to one another", "--+", list(zip(left, [a % 99 + b % 99 for a, b in zip(left, right)])), *wanted)


def music():
    samples = tune.frames(44100)
    source = list(zip(samples[0::2], samples[1::2]))
    quiet = [SILENCE] * 300
    wanted = f"first=0 count={len(source)} coding=tune x"
    expect("tune", "++", quiet + source + quiet, wanted)
    text = expect("tune, a gap", "++", source[:70000] + quiet + source[70000:], wanted)
    says("tune, a gap", "1 gaps, longest 300 (6.8 ms)", text)
    expect("tune, one frame lost", "-+", source[:70000] + source[70001:], wanted)
    text = expect("tune, repeated", "-+", source[:70000] + source[69900:], wanted)
    says("tune, repeated", "repeated 100 ", text)
    expect("tune, damaged", "-+", source[:500] + [(20000, -20000)] + source[501:], wanted)
    expect("tune, softer", "--", [(a // 2, b // 2) for a, b in source], wanted)
    expect("tune, again from its beginning", "-+", source[:70000] + quiet + source[:9000], wanted)
    expect("tune, no end", "-+", source[:-1], wanted)


whole()
several()
short_codings()
music()
for failure in failures:
    print(failure, file=sys.stderr)
sys.exit(bool(failures))
