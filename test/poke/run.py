#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Redirect kernel functions under load in QEMU until a CPU locks up or the time is over.

    test/poke/run.py [--thread multi|single] [--keep] [--seconds N] [--cpus N]

Needs build/kernel/6.1 (mk/kernel.sh 6.1).  The guest writes the number of toggles to its serial port every
second; when the number stands still, every CPU's registers are looked at through QEMU's monitor.  For a CPU
that is found again and again at a breakpoint exception, the interrupted address, the byte that is in
memory there, and what happens when a debugger writes the same byte once more, are reported: a guest that
runs on after that had nothing wrong but QEMU's translation of the code.  Exit code: 0 no lockup, 1 lockup,
2 error.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INIT = r"""#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
if grep -q symbols /proc/cmdline; then
    awk 'NF == 3 && $2 ~ /[tTwW]/' /proc/kallsyms >/dev/ttyS1
    echo end >/dev/ttyS1
    poweroff -f
fi
ip link set lo up
echo "toggles 0 0"
insmod /poke.ko $(sed -n 's/.*poke="\([^"]*\)".*/\1/p' /proc/cmdline)
for n in 1 2; do (while :; do ip link show; done) >/dev/null 2>&1 & done
while :; do
    echo "toggles $(cat /sys/module/poke/parameters/toggles) $(cat /sys/module/poke/parameters/redirected)"
    sleep 1
done
"""


def environment():
    with open(f"{TOP}/build/kernel/6.1/env", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


def build(env, work):
    module = f"{TOP}/build/poke"
    os.makedirs(module, exist_ok=True)
    for name in ("Kbuild", "poke.c"):
        shutil.copy(f"{TOP}/test/poke/{name}", module)
    subprocess.run(["make", "-s", "-C", env["KDIR"], f"M={module}", "modules"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root = f"{work}/root"
    for name in ("bin", "proc", "sys", "dev"):
        os.makedirs(f"{root}/{name}")
    shutil.copy("/bin/busybox", f"{root}/bin/busybox")
    shutil.copy(f"{module}/poke.ko", root)
    with open(f"{root}/init", "w", encoding="utf-8") as file:
        file.write(INIT)
    os.chmod(f"{root}/init", 0o755)
    subprocess.run("find . | cpio -o -H newc --quiet | gzip -1 >../initrd.gz", shell=True, check=True, cwd=root)
    return f"{work}/initrd.gz"


class Monitor:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.sock.settimeout(20)
        self.read()

    def read(self):
        data = b""
        while not data.endswith(b"(qemu) "):
            data += self.sock.recv(65536)
        return data.decode(errors="replace").replace("\r", "")

    def ask(self, command):
        self.sock.sendall(command.encode() + b"\n")
        # The monitor echoes the command, drawn character by character.
        return self.read().split("\n", 1)[-1].rsplit("(qemu)", 1)[0]


class Debugger:
    """The few packets of the remote protocol that write memory and go on."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.sock.settimeout(20)
        self.data = b""

    def ask(self, packet):
        """The answer to a packet; reports of a stop, which come when they like, are dropped."""
        self.sock.sendall(b"+$%s#%02x" % (packet.encode(), sum(packet.encode()) & 255))
        while True:
            found = re.search(rb"\$([^#]*)#..", self.data)
            if not found:
                self.data += self.sock.recv(4096)
                continue
            self.data = self.data[found.end():]
            self.sock.sendall(b"+")
            if not found.group(1).startswith(b"T"):
                return found.group(1).decode()


class Symbols:
    def __init__(self, path):
        self.table = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                field = line.split()
                if len(field) == 3:
                    self.table.append((int(field[0], 16), field[2]))
        self.table.sort()
        self.address = {name: address for address, name in self.table}

    def name(self, address):
        low, high = 0, len(self.table)
        while low < high:
            middle = (low + high) // 2
            if self.table[middle][0] <= address:
                low = middle + 1
            else:
                high = middle
        start, name = self.table[low - 1] if low else (0, "?")
        return f"{name}+{address - start:#x}"


def registers(monitor, cpus):
    result = []
    for cpu in range(cpus):
        monitor.ask(f"cpu {cpu}")
        text = monitor.ask("info registers")
        result.append({name: int(value, 16) for name, value in re.findall(r"(R\w\w|RFL)=([0-9a-f]+)", text)})
    return result


def word(monitor, cpu, address, count=1):
    monitor.ask(f"cpu {cpu}")
    text = monitor.ask(f"x /{count}gx {address:#x}")
    return [int(value, 16) for value in re.findall(r"0x([0-9a-f]{16})(?![0-9a-f]*:)", text.split(":", 1)[-1])]


def code_byte(monitor, cpu, address):
    monitor.ask(f"cpu {cpu}")
    text = monitor.ask(f"x /5xb {address:#x}")
    return re.findall(r"0x([0-9a-f]{2})\b", text.split(":", 1)[-1])


def look(monitor, symbols, cpus):
    """Where is each CPU, over two seconds; and where was it interrupted by a breakpoint?"""
    seen = [{} for _ in range(cpus)]
    stuck = {}
    for _ in range(25):
        for cpu, regs in enumerate(registers(monitor, cpus)):
            place = symbols.name(regs["RIP"])
            seen[cpu][place] = seen[cpu].get(place, 0) + 1
            # An exception frame ends in RIP, CS=10, RFLAGS, RSP, SS=18; look for the nearest one up the stack.
            stack = word(monitor, cpu, regs["RSP"], 64)
            for index in range(1, len(stack) - 3):
                if stack[index] == 0x10 and stack[index + 3] == 0x18:
                    stuck.setdefault(cpu, {})
                    stuck[cpu][stack[index - 1]] = stuck[cpu].get(stack[index - 1], 0) + 1
                    break
        time.sleep(0.08)
    return seen, stuck


def report(monitor, symbols, cpus, gdb_path, progress):
    seen, stuck = look(monitor, symbols, cpus)
    for cpu in range(cpus):
        top = sorted(seen[cpu].items(), key=lambda item: -item[1])[:8]
        print(f"  cpu {cpu} at: " + ", ".join(f"{name} x{count}" for name, count in top))
    suspects = []
    for cpu, frames in stuck.items():
        for address, count in sorted(frames.items(), key=lambda item: -item[1])[:3]:
            after = symbols.name(address)
            # The saved address of a breakpoint is the one after the int3, or the int3 once handled.
            offset = int(after.split("+")[1], 16)
            print(f"  cpu {cpu} frame: {after} x{count}, bytes at the function: "
                  f"{' '.join(code_byte(monitor, cpu, address - offset))}")
            if offset <= 1 and count >= 3:
                suspects.append(address - offset)
    for cpu in range(cpus):
        for name in seen[cpu]:
            if name.endswith("+0x0") and name.split("+")[0] in symbols.address:
                if name.split("+")[0] in ("rtnl_lock", "rtnl_unlock", "rtnl_is_locked", "dev_get_flags"):
                    suspects.append(symbols.address[name.split("+")[0]])
    # A debugger's write makes QEMU drop what it has translated from that place.  The first write, to a
    # place that no stuck CPU executes, shows that neither the debugger nor the stop does the cure.
    for address in [symbols.address["start_kernel"], *sorted(set(suspects))]:
        before = progress()
        debugger = Debugger(gdb_path)
        byte = debugger.ask(f"m{address:x},1")
        answer = debugger.ask(f"M{address:x},1:{byte}")
        debugger.ask("D")
        debugger.sock.close()
        time.sleep(15)
        after = progress()
        verdict = "the guest RUNS ON" if after > before else "no toggle"
        _, stuck = look(monitor, symbols, cpus)
        places = {symbols.name(place) for frames in stuck.values() for place, count in frames.items() if count >= 5}
        verdict += f", breakpoint frames now at: {', '.join(sorted(places)) or 'nowhere'}"
        print(f"  wrote {byte} over {byte} at {symbols.name(address)} ({answer}): toggles {before} -> {after}: {verdict}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--thread", choices=("multi", "single"), default="multi")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--calm", action="store_true", help="only user space calls, three loops of `ip link show`")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--still", type=int, default=45, help="seconds without a toggle that count as a lockup")
    parser.add_argument("--cpus", type=int, default=4)
    parser.add_argument("--pause", type=int, default=200, help="microseconds between toggles")
    args = parser.parse_args()

    env = environment()
    with tempfile.TemporaryDirectory() as work:
        initrd = build(env, work)
        console = f"{work}/console"
        with open(console, "wb"):
            pass

        def qemu(append, *more):
            return ["qemu-system-x86_64", "-accel", f"tcg,thread={args.thread}", "-cpu", "max,-la57",
                    "-smp", str(args.cpus), "-m", "512", "-nodefaults", "-display", "none", "-no-reboot",
                    "-kernel", env["VMLINUZ"], "-initrd", initrd, "-serial", f"file:{console}",
                    "-append", f"console=ttyS0 loglevel=7 panic=-1 nokaslr no_timer_check {append}", *more]

        # Without address randomisation the symbols are at the same place in each boot.
        names = f"{TOP}/build/poke/kallsyms-{env['KVER']}"
        if not os.path.exists(names):
            subprocess.run(qemu("symbols", "-serial", f"file:{names}.new"), check=True, timeout=600)
            os.rename(f"{names}.new", names)
        symbols = Symbols(names)
        with subprocess.Popen(qemu(f'poke="keep={int(args.keep)} hammer={int(not args.calm)} pause_us={args.pause}"',
                                   "-monitor", f"unix:{work}/monitor,server,nowait",
                                   "-gdb", f"unix:{work}/gdb,server,nowait")) as process:
            try:
                return watch(args, process, console, work, symbols)
            finally:
                process.kill()


def watch(args, qemu, console, work, symbols):
    def lines():
        with open(console, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()

    def progress():
        for line in reversed(lines()):
            if line.startswith("toggles "):
                return int(line.split()[1])
        return -1

    begin = moved = time.monotonic()
    last = -1
    while qemu.poll() is None:
        time.sleep(1)
        now, count = time.monotonic(), progress()
        if count > last:
            last, moved = count, now
        if count >= 0 and not hasattr(args, "started"):
            args.started = begin = now
        locked = now - moved > (args.still if count >= 0 else 240)
        if locked or now - begin > args.seconds:
            load = os.getloadavg()[0]
            print(f"thread={args.thread} keep={int(args.keep)} calm={int(args.calm)} cpus={args.cpus}: "
                  f"{'LOCKUP after' if locked else 'no lockup in'} {count} toggles, {moved - begin:.0f} s, "
                  f"load {load:.1f}; {[line for line in lines() if line.startswith('toggles')][-1:]}", flush=True)
            if locked:
                report(Monitor(f"{work}/monitor"), symbols, args.cpus, f"{work}/gdb", progress)
            shutil.copy(console, f"{TOP}/build/poke/console")
            complaints = [line for line in lines() if re.search(r"BUG|WARNING|soft lockup|rcu.*stall|ftrace: error", line)]
            print("\n".join("  log: " + line for line in complaints[:5]), end="\n" if complaints else "")
            sys.stdout.flush()
            return 1 if locked else 0
    print("QEMU ended: " + " | ".join(lines()[-5:]))
    return 2


if __name__ == "__main__":
    sys.exit(main())
