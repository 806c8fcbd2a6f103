# SPDX-License-Identifier: GPL-2.0
"""A disk with a volatile write cache: an NBD server that loses at a power cut what was not flushed.

What QEMU writes stays in memory until it asks for a flush, or says with the write that it must be on the disk (FUA).
At a power cut each physical sector that is still in memory gets to the image or is lost, by chance, as with a real
disk; so a flush that a driver forgot is found out, which the page cache of the host would hide.

Speaks the fixed newstyle protocol with simple replies, one client, on a unix socket.
"""

import os
import random
import socket
import struct
import threading

SECTOR = 512
# So many make a physical one, which is written wholly or not at all: ext4 takes a torn commit block for damage.
PHYSICAL = 8
# A real cache is small: what does not fit is written, in any order.
LIMIT = 65536
OPTION_MAGIC = 0x49484156454F5054
FLAGS = 1 | 4 | 8  # has flags, can flush, knows FUA
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
FUA = 1


class Closed(Exception):
    """The other end is gone."""


class Disk:
    """One disk; PATH is its image.  VOLATILE: has it a cache; HONEST: does it mind flushes."""

    def __init__(self, path, address, seed, volatile=True, honest=True):
        self.image = os.open(path, os.O_RDWR)
        self.size = os.fstat(self.image).st_size
        self.random = random.Random(seed)
        self.volatile = volatile
        self.honest = honest
        self.cache = {}
        self.lock = threading.Lock()
        self.off = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def power_cut(self):
        """From now on nothing is served; returns how many sectors were lost and kept by chance."""
        with self.lock:
            self.off = True
            lost = kept = 0
            fate = {}
            for sector, data in self.cache.items():
                if fate.setdefault(sector // PHYSICAL, self.random.random() < 0.5):
                    os.pwrite(self.image, data, sector * SECTOR)
                    kept += 1
                else:
                    lost += 1
            self.cache.clear()
        return lost, kept

    def close(self):
        """An orderly end: everything gets to the image."""
        with self.lock:
            self._write_back(self.cache)
            self.off = True

    def _write_back(self, sectors):
        for sector in sorted(sectors):
            os.pwrite(self.image, self.cache[sector], sector * SECTOR)
        for sector in list(sectors):
            del self.cache[sector]

    def _read(self, offset, length):
        data = bytearray(os.pread(self.image, length, offset))
        first = offset // SECTOR
        for index in range(-(-length // SECTOR)) if self.cache else ():
            cached = self.cache.get(first + index)
            if cached:
                data[index * SECTOR:(index + 1) * SECTOR] = cached
        return bytes(data)

    def _write(self, offset, data, through):
        if offset % SECTOR or len(data) % SECTOR:
            # QEMU's disks have sectors of 512 bytes; anything else would be read, changed and written there.
            raise Closed("a write that is not of whole sectors")
        sectors = range(offset // SECTOR, (offset + len(data)) // SECTOR)
        for index, sector in enumerate(sectors):
            self.cache[sector] = data[index * SECTOR:(index + 1) * SECTOR]
        if (through or not self.volatile) and self.honest:
            self._write_back(sectors)
        elif len(self.cache) > LIMIT:
            self._write_back(self.random.sample(list(self.cache), LIMIT // 2))

    def _command(self, kind, flags, offset, length, data):
        with self.lock:
            if self.off:
                raise Closed("power cut")
            if kind == READ:
                return self._read(offset, length)
            if kind == WRITE:
                self._write(offset, data, flags & FUA)
            elif kind == FLUSH:
                if self.honest:
                    self._write_back(list(self.cache))
            return b""

    def _serve(self):
        client, _ = self.listener.accept()
        self.stream = client.makefile("rb")
        try:
            self._handshake(client)
            while True:
                magic, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", self._take(28))
                if magic != 0x25609513:
                    raise Closed("not a request")
                if kind == DISCONNECT:
                    break
                data = self._take(length) if kind == WRITE else b""
                error = 0 if kind in (READ, WRITE, FLUSH) else 22
                answer = b"" if error else self._command(kind, flags, offset, length, data)
                client.sendall(struct.pack(">IIQ", 0x67446698, error, handle) + answer)
        except (Closed, OSError):
            pass
        finally:
            client.close()

    def _take(self, size):
        data = self.stream.read(size)
        if len(data) != size:
            raise Closed("end of stream")
        return data

    def _handshake(self, client):
        client.sendall(struct.pack(">8sQH", b"NBDMAGIC", OPTION_MAGIC, 3))
        self._take(4)
        while True:
            _, option, length = struct.unpack(">QII", self._take(16))
            self._take(length)

            def reply(kind, data=b"", option=option):
                client.sendall(struct.pack(">QIII", 0x3E889045565A9, option, kind, len(data)) + data)

            if option == 7:
                reply(3, struct.pack(">HQH", 0, self.size, FLAGS))
                reply(1)
                return
            reply((1 << 31) + 1)
