# SPDX-License-Identifier: GPL-2.0
"""Servers on the host's loopback address that the guest's traffic runs against.

stream  TCP: an endless download whose every byte is known to the receiver
http    HTTP: GET /N answers N bytes of the same stream, GET /N/sha256 their checksum
echo    TCP: sends back what it gets (an interactive session)
sink    TCP: takes an upload of the stream and answers its length and the errors in it at its end
udp     UDP: sends back each packet and counts them

All ports are chosen by the kernel; all threads end with the process.
"""

import hashlib
import http.server
import socket
import socketserver
import struct
import threading
import time

# A prime length, so that a lost or repeated power-of-two piece never lines up with the pattern.
BLOCK = 1000003
SEED = 0x5e90e


def pattern():
    """The block the stream repeats; test/lib/nt.c makes the same one (splitmix64)."""
    mask = (1 << 64) - 1
    state = SEED
    words = []
    for _ in range(BLOCK // 8 + 1):
        state = (state + 0x9e3779b97f4a7c15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & mask
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & mask
        words.append(z ^ (z >> 31))
    return struct.pack(f"<{len(words)}Q", *words)[:BLOCK]


class Pace:
    """Keeps a sender at a rate of bytes per second; 0 is no limit."""

    def __init__(self, rate):
        self.rate = rate
        self.next = time.monotonic()

    def wait(self, size):
        if not self.rate:
            return
        now = time.monotonic()
        self.next = max(self.next, now - 0.2) + size / self.rate
        if self.next > now:
            time.sleep(self.next - now)


def send_stream(sock, total, rate, block):
    """Sends TOTAL bytes of the stream; None is without end."""
    pace = Pace(rate)
    offset = 0
    while total is None or total:
        start = offset % BLOCK
        piece = block[start:start + 32768]
        if total is not None:
            piece = piece[:total]
            total -= len(piece)
        sock.sendall(piece)
        offset += len(piece)
        pace.wait(len(piece))


class Servers:
    def __init__(self, rate_mb=4):
        self.block = pattern()
        self.double = self.block * 2
        self.rate = rate_mb * 1e6
        self.counts = {"udp": 0, "echo": 0, "stream": 0, "sink": 0, "http": 0}
        self.lock = threading.Lock()
        self.stream_port = self._tcp("stream", self._stream)
        self.echo_port = self._tcp("echo", self._echo)
        self.sink_port = self._tcp("sink", self._sink)
        self.http_port = self._http()
        self.udp_port = self._udp()

    def count(self, name):
        with self.lock:
            return self.counts.get(name, -1)

    def _add(self, name):
        with self.lock:
            self.counts[name] += 1

    def _tcp(self, name, function):
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer._add(name)
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    function(self.request)
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 32

        listener = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        return listener.server_address[1]

    def _stream(self, sock):
        send_stream(sock, None, self.rate, self.block)

    @staticmethod
    def _echo(sock):
        while True:
            data = sock.recv(65536)
            if not data:
                return
            sock.sendall(data)

    def _sink(self, sock):
        total = errors = 0
        while True:
            data = sock.recv(1 << 17)
            if not data:
                break
            start = total % BLOCK
            errors += data != self.double[start:start + len(data)]
            total += len(data)
        sock.sendall(f'{{"bytes": {total}, "errors": {errors}}}\n'.encode())

    def _http(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self):
                outer._add("http")
                words = self.path.strip("/").split("/")
                if not words[0].isdigit():
                    self.send_error(404)
                    return
                total = int(words[0])
                if len(words) > 1 and words[1] == "sha256":
                    digest = hashlib.sha256()
                    for start in range(0, total, BLOCK):
                        digest.update(outer.block[:min(BLOCK, total - start)])
                    body = digest.hexdigest().encode() + b"\n"
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(total))
                self.end_headers()
                try:
                    send_stream(self.connection, total, outer.rate, outer.block)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        return listener.server_address[1]

    def _udp(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.bind(("127.0.0.1", 0))

        def loop():
            while True:
                data, peer = sock.recvfrom(65536)
                self._add("udp")
                sock.sendto(data, peer)

        threading.Thread(target=loop, daemon=True).start()
        return sock.getsockname()[1]
