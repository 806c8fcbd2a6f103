# SPDX-License-Identifier: GPL-2.0
"""The sound cards of a virtual machine: words of a scenario's VM_SOUND become arguments of QEMU.

A word is MODEL[,PROPERTY=VALUE...][:RATE[:US] | :none]; models: ens1370, ac97, hda (a controller with one codec for playing
and recording), or another QEMU name of a PCI card.  What the N-th card plays is recorded, at that rate, in 16 bits and
two channels, into LOG.wav (the first) or LOG.N.wav.  QEMU converts what an application plays at another rate, so only
at this rate do samples arrive unchanged; it records nothing while the card is stopped.  Such a card has no input.  With
":none" nothing is recorded and silence comes in.  The position of a stream moves on every US microseconds, 10000 if
nothing is said.
"""

# The card, what is on its bus, and a rate that it plays exactly.
MODELS = {
    "ens1370": ("ES1370", None, 44100),
    "ac97": ("AC97", None, 48000),
    "hda": ("intel-hda", "hda-duplex", 48000),
}


def parse(words):
    """(model, properties, rate or None, microseconds between two positions) of each word."""
    for word in words.split():
        name, rate, tick = (word.split(":") + ["", ""])[:3]
        model, comma, properties = name.partition(",")
        usual = MODELS.get(model, (model, None, 48000))[2]
        yield model, comma + properties, None if rate == "none" else int(rate or usual), int(tick or 10000)


def recordings(words, log):
    """The number of each recorded card, with the path and the rate of what it has played."""
    return {number: (f"{log}.wav" if number == 0 else f"{log}.{number}.wav", rate)
            for number, (_, _, rate, _) in enumerate(parse(words)) if rate}


def arguments(words, log):
    out = []
    files = recordings(words, log)
    for number, (model, properties, rate, tick) in enumerate(parse(words)):
        card, codec, _ = MODELS.get(model, (model, None, 0))
        backend = f"wav,path={files[number][0]},out.frequency={rate},out.format=s16,out.channels=2" if rate else "none"
        out += ["-audiodev", f"{backend},id=audio{number},timer-period={tick}"]
        if codec:
            out += ["-device", f"{card},id=sound{number}",
                    "-device", f"{codec},bus=sound{number}.0,audiodev=audio{number}{properties}"]
        else:
            out += ["-device", f"{card},id=sound{number},audiodev=audio{number}{properties}"]
    return out


def clock(smp, accel, more):
    """Time that goes by as instructions do: it does not depend on what else the host has to do.

    An idle machine jumps to its next timer, so nothing in it may wait for the host by the clock.
    """
    if smp != 1 or not accel.startswith("tcg") or "-icount" in more:
        return []
    return ["-icount", "shift=1,sleep=off"]
