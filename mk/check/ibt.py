#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Prove from the object code that unexported kernel functions are only called directly.

A kernel with IBT kills whoever calls indirectly a function that is not meant for it, and emulators do not
show it.  So the address of such a function may only become the target of a static call, which the kernel
patches into our text as a direct call.  What is checked in the objects given, and why that suffices:

1. Only compat*.o reach what finds addresses (kallsyms, kprobes) or sets static calls.
2. compat*.o contain no indirect call or jump, so no address is called while it is there.
3. A found address leaves its function only as the third argument of __static_call_update(), as an
   argument of a function in HARMLESS, or through a pointer of a symbol table; it is not returned (but
   by the functions in DATA and GETTERS), and not stored elsewhere than on the stack or in a variable
   local to compat*.o.
4. The pointers in data of compat*.o that such an address may be stored through lead to keys and
   trampolines of static calls or to data local to the object.

5. Other objects that use one of GETTERS, which return the address of a function to look at, keep to the
   third rule too, and do not call it.

The third rule follows the address through registers and stack slots along every path of the function.
Exit code 0: proven.
"""

import os
import re
import subprocess
import sys

# Symbols that only compat may refer to.
RESTRICTED = re.compile(
    r"kallsyms|^(un)?register_k(ret)?probes?$|^__static_call_update$|^__symbol_get$|^find_symbol$")
# Calls whose result is the address of a function or of data that is not exported.
GETTERS = ("segue_compat_address", "segue_compat_module_address")
FINDERS = re.compile(r"^__SCT__\w*kallsyms_lookup_name$|^kallsyms_lookup_name$|^register_kprobe$|^" +
                     "$|^".join(GETTERS) + "$")
UPDATE = "__static_call_update"
# Functions that look at an address and neither call nor keep it: ftrace answers with the place it patches.
HARMLESS = re.compile(r"^__SCT__\w*ftrace_location$|^segue_compat_hook_location$|^_printk$|^__warn_printk$|^unregister_kprobe$|^memset$|"
                      r"^__stack_chk_fail$|^__fentry__$")
# Functions that return the address of an object: their C type is a pointer to a struct, not to a function.
DATA = ("segue_compat_bus",)
ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
CLOBBERED = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")

WIDE = {}
for wide, others in {
        "rax": "eax ax al", "rbx": "ebx bx bl", "rcx": "ecx cx cl", "rdx": "edx dx dl", "rsi": "esi si sil",
        "rdi": "edi di dil", "rbp": "ebp bp bpl", "rsp": "esp sp spl"}.items():
    WIDE.update({name: wide for name in others.split() + [wide]})
for number in range(8, 16):
    WIDE.update({f"r{number}{tail}": f"r{number}" for tail in ("", "d", "w", "b")})


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(path):
    """Defined symbols {name: binding}, and undefined ones."""
    defined, undefined = {}, set()
    for line in run("readelf", "-sW", path).splitlines():
        field = line.split()
        if len(field) < 8 or not field[0].rstrip(":").isdigit():
            continue
        if field[6] == "UND":
            undefined.add(field[7])
        else:
            defined[field[7]] = field[4]
    return defined, undefined


def disassemble(path):
    """The code as a list of (function, section, address, text, relocation symbol, relocation addend)."""
    code, section, function = [], None, None
    for line in run("objdump", "-dr", "--no-show-raw-insn", path).splitlines():
        head = re.match(r"Disassembly of section (\S+):", line)
        if head:
            section = head.group(1)
            continue
        head = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if head:
            function = head.group(1)
            continue
        relocation = re.match(r"\s+[0-9a-f]+: R_X86_64_\w+\s+([^\s+-]\S*?)([-+]0x[0-9a-f]+)?$", line)
        if relocation:
            if code:
                code[-1] = code[-1][:4] + (relocation.group(1), int(relocation.group(2) or "0", 16))
            continue
        instruction = re.match(r"\s+([0-9a-f]+):\s+(.*)$", line)
        if instruction:
            code.append((function, section, int(instruction.group(1), 16), instruction.group(2).strip(), None, 0))
    return code


def callee(text, target):
    """What a call or jump goes to, "*" when only the machine knows; None when it is neither."""
    word = re.match(r"(?:bnd |notrack )?(call|callq|jmp|jmpq)\s+(\S.*)$", text)
    if not word:
        return None
    operand = word.group(2)
    if operand.startswith("*") or (target or "").startswith("__x86_indirect_thunk"):
        return "*"
    if target:
        return target
    inner = re.search(r"<([^>+]+)(\+0x[0-9a-f]+)?>", operand)
    name = inner.group(1) if inner else "?"
    # A jump within the function is no call.
    if word.group(1).startswith("jmp") and inner and inner.group(2):
        return None
    return name


def operands(text):
    """The operands of an instruction, source first; memory operands stay whole."""
    rest = text.split("#")[0].split("<")[0].split(None, 1)
    if len(rest) < 2:
        return []
    return re.split(r",(?![^(]*\))", rest[1].strip())


def register(operand):
    return WIDE.get(operand[1:]) if operand.startswith("%") else None


class Flow:
    """Follows the address through all code of an object."""

    def __init__(self, code, local, problem):
        self.code, self.local, self.problem = code, local, problem
        self.name, self.tainted, self.finders = None, set(), set()
        # A kprobe on the stack holds an address once it is registered.
        self.probed = False

    def call(self, target):
        carried = [reg for reg in ARGUMENTS if reg in self.tainted]
        if target == UPDATE:
            if set(carried) - {"rdx"}:
                self.problem(f"{self.name}: an address goes to {UPDATE} as another argument than the third")
        elif carried and not HARMLESS.match(target) and not FINDERS.match(target):
            self.problem(f"{self.name}: an address is passed to {target}")
        self.tainted -= set(CLOBBERED)
        if FINDERS.match(target):
            self.finders.add(self.name)
            if target == "register_kprobe":
                self.probed = True
            else:
                self.tainted.add("rax")

    def move(self, source, destination, target):
        reg, dirty = register(destination), self.dirty(source)
        if reg or "(%rsp)" in destination or "(%rbp)" in destination:
            (self.tainted.add if dirty else self.tainted.discard)(reg or destination)
        elif dirty and ("(%rip)" in destination or "(" not in destination) and not self.local(target):
            self.problem(f"{self.name}: an address is stored in {target or destination}, which others can read")

    def dirty(self, operand):
        """Does an operand hold the address, or is it computed from it?"""
        if "(" in operand:
            return operand in self.tainted or (self.probed and "(%rsp)" in operand)
        return register(operand) in self.tainted

    def compute(self, word, parts):
        """Arithmetic: the result is as dirty as what it is made of."""
        reg = register(parts[-1])
        if not reg:
            return
        if parts[0] == parts[-1] and word.startswith(("xor", "sub")) or "%gs" in parts[0]:
            self.tainted.discard(reg)
        elif word.startswith("lea"):
            used = {WIDE.get(name) for name in re.findall(r"%(\w+)", parts[0])}
            (self.tainted.add if used & self.tainted else self.tainted.discard)(reg)
        elif word.startswith("set"):
            self.tainted.discard(reg)
        elif any(self.dirty(part) for part in parts[:-1]):
            self.tainted.add(reg)

    def instruction(self, text, target):
        """The effect of one instruction that is neither a return nor a jump."""
        word, parts, where = text.split()[0], operands(text), callee(text, target)
        if where == "*":
            used = re.search(r"\*%(r\w+)$", text) or re.search(r"_(r\w+)$", target or "")
            if used and used.group(1) in self.tainted:
                self.problem(f"{self.name}: an address is called")
            if self.tainted & set(ARGUMENTS):
                self.problem(f"{self.name}: an address is passed to an indirect call")
            self.tainted -= set(CLOBBERED)
        elif where is not None:
            self.call(where)
        elif word.startswith("mov") and len(parts) == 2:
            self.move(parts[0], parts[1], target)
        elif word.startswith("pop") and parts:
            self.tainted.discard(register(parts[0]))
        elif parts and not word.startswith(("cmp", "test", "push", "nop", "leave")):
            self.compute(word, parts)

    def target_of_jump(self, index):
        """Where a jump within the object leads, or None."""
        _, section, _, text, symbol, addend = self.code[index]
        if not re.match(r"(bnd )?j\w+\s", text):
            return None
        if symbol:
            # A branch into code that the compiler has put aside; the addend counts from its own end.
            if symbol in self.start:
                section, address = self.start[symbol]
                return self.place.get((section, address + addend + 4))
            return self.place.get((symbol, addend + 4))
        jump = re.match(r"(?:bnd )?j\w+\s+([0-9a-f]+) <", text)
        return self.place.get((section, int(jump.group(1), 16))) if jump else None

    def successors(self, index):
        """Where the code goes on: (index, register that is zero there)."""
        function, _, _, text, symbol, _ = self.code[index]
        word = text.split()[0]
        if word.startswith("ret") or symbol == "__x86_return_thunk" or word == "ud2":
            return
        zero, before = None, self.code[index - 1][3] if index else ""
        if before.startswith("test"):
            one, other = operands(before)
            zero = register(one) if one == other else None
        there = self.target_of_jump(index)
        if there is not None:
            yield there, zero if word == "je" else None
        if word.startswith("jmp"):
            return
        if index + 1 < len(self.code) and self.code[index + 1][0] == function:
            yield index + 1, zero if word == "jne" else None

    def run(self):
        self.place, self.start, states = {}, {}, {}
        for index, (function, section, address, *_) in enumerate(self.code):
            self.place[section, address] = index
            if function not in self.start:
                self.start[function] = (section, address)
                states[index] = (frozenset(), False)
        work = list(states)
        while work:
            index = work.pop()
            self.tainted, self.probed = set(states[index][0]), states[index][1]
            self.name, _, _, text, symbol, _ = self.code[index]
            if text.startswith("ret") or symbol == "__x86_return_thunk":
                if "rax" in self.tainted and self.name not in DATA + GETTERS:
                    self.problem(f"{self.name}: an address is returned")
                continue
            if self.target_of_jump(index) is None:
                self.instruction(text, symbol)
            for after, zero in self.successors(index):
                tainted = frozenset(self.tainted - {zero})
                known = states.get(after)
                if known is None or not tainted <= known[0] or self.probed > known[1]:
                    old = known or (frozenset(), False)
                    states[after] = (old[0] | tainted, old[1] or self.probed)
                    work.append(after)


def table_targets(path):
    """Symbols and sections that the object's data points to."""
    section = None
    for line in run("readelf", "-rW", path).splitlines():
        head = re.match(r"Relocation section '\.rela(\S+)'", line)
        if head:
            section = head.group(1)
            continue
        field = line.split()
        if section and len(field) >= 5 and field[2] == "R_X86_64_64":
            yield section, field[4]


def check_compat(path, problem):
    defined, _ = symbols(path)

    def local(target):
        if not target:
            return False
        return target.startswith((".bss", ".data")) or defined.get(target) == "LOCAL"

    code = disassemble(path)
    for function, _, _, text, symbol, _ in code:
        if callee(text, symbol) == "*":
            problem(f"{function}: an indirect call or jump: {text}")
    flow = Flow(code, local, problem)
    flow.run()
    for section, target in table_targets(path):
        if not re.match(r"\.(data|rodata)", section):
            continue
        if target.startswith((".", "__SCK__", "__SCT__")) or target == "__this_module":
            continue
        if defined.get(target) != "LOCAL":
            problem(f"{section}: a table points to {target}, which others can read")
    return len(flow.finders)


def main():
    failed, finders, paths = False, 0, sys.argv[1:]
    for path in paths:
        said = set()

        def problem(text, path=path, said=said):
            nonlocal failed
            failed = True
            if text not in said:
                print(f"{path}: {text}")
            said.add(text)

        if os.path.basename(path).startswith("compat"):
            finders += check_compat(path, problem)
            continue
        defined, undefined = symbols(path)
        for name in sorted(undefined | set(defined)):
            if RESTRICTED.search(name):
                problem(f"refers to {name}; only compat may")
        if undefined & set(GETTERS):
            Flow(disassemble(path), lambda target: False, problem).run()
    if not paths or not finders:
        failed = True
        print("no object was given that looks up addresses; this check looks at the wrong files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
