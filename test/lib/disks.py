# SPDX-License-Identifier: GPL-2.0
"""The disks of a virtual machine: words of a scenario's VM_DISKS become arguments of QEMU.

A word is MODEL[,PROPERTY=VALUE...]:SIZE[+PROPERTY=VALUE...][,SIZE...]; several sizes are several disks of one controller
(for nvme: namespaces), with properties of their own.  Models: virtio-blk, nvme, ahci, virtio-scsi, lsi, usb; any other QEMU name of a controller with a SCSI
bus (mptsas1068, pvscsi) works as well.  The N-th word's controller has the id diskN; its I-th disk is dN.I, with the
serial number segueN.I.

What a disk has acknowledged is in the host's page cache at least, so it outlives a QEMU that is killed.  That is kinder
than a real disk: for one that loses what was not flushed, see volatile.py.
"""

import os

ALIASES = {"virtio-blk": "virtio-blk-pci", "virtio-scsi": "virtio-scsi-pci", "ahci": "ich9-ahci",
           "lsi": "lsi53c895a", "usb": "qemu-xhci"}
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def size_of(text):
    return int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text)


def device(model, properties, number, index, drive):
    """The -device for one disk of the controller diskNUMBER; the first of virtio-blk is its controller."""
    bus, serial = f"disk{number}", f"segue{number}.{index}"
    if model == "virtio-blk-pci":
        return f"{model},drive={drive},serial={serial},id={bus if index == 0 else drive}{properties}"
    if model == "nvme":
        return f"nvme-ns,drive={drive},bus={bus},nsid={index + 1},id=ns{drive}"
    if model == "ich9-ahci":
        return f"ide-hd,drive={drive},bus={bus}.{index},serial={serial},id=hd{drive}"
    if model == "qemu-xhci":
        return f"usb-storage,drive={drive},bus={bus}.0,serial={serial},id=hd{drive}"
    return f"scsi-hd,drive={drive},bus={bus}.0,scsi-id={index + 1},serial={serial},id=hd{drive}"


def arguments(words, directory, source=None):
    """Makes the images that are not there yet, and returns the arguments.

    SOURCE, if there is one, is given the path and the model of each disk and says what QEMU shall open instead.
    """
    out = []
    for number, word in enumerate(words.split()):
        name, _, sizes = word.partition(":")
        model, comma, properties = name.partition(",")
        model, properties = ALIASES.get(model, model), comma + properties
        if model == "nvme":
            out += ["-device", f"nvme,id=disk{number},serial=segue{number}{properties}"]
        elif model != "virtio-blk-pci":
            out += ["-device", f"{model},id=disk{number}{properties}"]
        for index, disk in enumerate(sizes.split(",")):
            size, *more = disk.split("+")
            drive = f"d{number}.{index}"
            path = os.path.join(directory, drive)
            if not os.path.exists(path):
                with open(path, "wb") as image:
                    image.truncate(size_of(size))
            opened = source(path, model) if source else f"file={path},discard=unmap"
            out += ["-drive", f"{opened},format=raw,if=none,id={drive},cache=writeback",
                    "-device", ",".join([device(model, properties, number, index, drive), *more])]
    return out


def acknowledgements(directory):
    """The memory device in which test/lib/bt.c counts what was acknowledged; its file outlives the machine."""
    path = os.path.join(directory, "acked")
    if not os.path.exists(path):
        with open(path, "wb") as memory:
            memory.truncate(1 << 20)
    return ["-object", f"memory-backend-file,id=acked,size=1M,share=on,mem-path={path}",
            "-device", "ivshmem-plain,memdev=acked"]
