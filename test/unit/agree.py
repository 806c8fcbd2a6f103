#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check that the interface and the command are described alike wherever they are described.

agree.py TOP SEGUE: the header and its YNL specification have the same commands, attributes and values;
what `segue help` and `segue COMMAND --help` list is in the manual page and in the completion, and they
list nothing else.
"""

import os
import re
import subprocess
import sys

import yaml

problems = []


def same(what, one, two):
    """Report the differences of two sets."""
    for name in sorted(set(one) - set(two)):
        problems.append(f"{what[0]} has {name}, {what[1]} has not")
    for name in sorted(set(two) - set(one)):
        problems.append(f"{what[1]} has {name}, {what[0]} has not")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def header_enum(header, name):
    """The members of an enum with their values, without those that begin with __."""
    body = re.search(r"\nenum " + name + r" \{(.*?)\n\};", header, re.S).group(1)
    members = {}
    value = 0
    for member in re.findall(r"^\t(\w+)(?: = ([^,]+))?,", body, re.M):
        if member[1]:
            shift = re.match(r"1 << (\d+)", member[1])
            value = 1 << int(shift.group(1)) if shift else int(member[1], 0)
        if not member[0].startswith("__"):
            members[member[0]] = value
        value += 1
    return members


def c_name(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def check_numbers(what, header, spec):
    same((f"segue.h {what}", f"segue.yaml {what}"), header, spec)
    for name, value in spec.items():
        if header.get(name, value) != value:
            problems.append(f"{what}: {name} is {header[name]} in segue.h, {value} in segue.yaml")


def spec_attributes(spec, found):
    return {c_name(found["name-prefix"], attr["name"]): i + 1
            for i, attr in enumerate(found["attributes"])}


def check_spec(header, spec):
    commands = {c_name(spec["operations"]["name-prefix"], op["name"]): i + 1
                for i, op in enumerate(spec["operations"]["list"])}
    documented = header_enum(header, "segue_cmd")
    del documented["SEGUE_CMD_UNSPEC"]
    check_numbers("commands", documented, commands)
    sets = {found["name"]: found for found in spec["attribute-sets"]}
    for name, enum in (("segue", "segue_attr"), ("finding", "segue_finding_attr")):
        documented = header_enum(header, enum)
        del documented[sets[name]["name-prefix"].upper().replace("-", "_") + "UNSPEC"]
        check_numbers(enum, documented, spec_attributes(spec, sets[name]))
    enums = [d for d in spec["definitions"] if d["type"] != "const"]
    for definition in enums:
        values = {c_name(definition["name-prefix"], entry["name"]):
                  1 << i if definition["type"] == "flags" else i
                  for i, entry in enumerate(definition["entries"])}
        name = "segue_" + definition["name"].replace("-", "_")
        check_numbers(name, header_enum(header, name), values)
    other = {"segue_cmd", "segue_attr", "segue_finding_attr"}
    same(("segue.h", "segue.yaml"), set(re.findall(r"^enum (\w+) \{", header, re.M)) - other,
         {"segue_" + d["name"].replace("-", "_") for d in enums})
    names = {attr["name"] for found in sets.values() for attr in found["attributes"]}
    for op in spec["operations"]["list"]:
        for kind in ("do", "dump"):
            for side in (op.get(kind) or {}).values():
                for attr in set((side or {}).get("attributes", [])) - names:
                    problems.append(f"segue.yaml: {op['name']} uses unknown attribute {attr}")


def usage(segue):
    """Options by command, as the command itself lists them."""
    text = subprocess.run([segue, "help"], capture_output=True, text=True, check=True).stdout
    commands = {}
    for name in re.findall(r"^  (\w+) ", text, re.M):
        listing = subprocess.run([segue, name, "--help"], capture_output=True, text=True,
                                 check=True).stdout
        commands[name] = set(re.findall(r"^  --([\w-]+)", listing, re.M))
    return commands


def completed(top, words):
    """What the completion offers after these words."""
    script = (f". {top}/tool/segue.bash-completion; COMP_WORDS=({' '.join(words)} '--'); "
              f"COMP_CWORD={len(words)}; _segue; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    if len(words) == 1:
        script = script.replace("'--'", "''")
    out = subprocess.run(["bash", "-c", "shopt -s extglob; " + script], capture_output=True,
                         text=True, check=True)
    return {word.removeprefix("--") for word in out.stdout.split()}


def check_command(top, commands):
    manual = read(f"{top}/tool/segue.8")
    options = set().union(*commands.values())
    same(("usage", "manual page"), commands, set(re.findall(r"^\.It Cm (\w+)$", manual, re.M)))
    same(("usage", "synopsis"), commands, set(re.findall(r"^\.Nm\n\.Cm (\w+)$", manual, re.M)))
    listed = set()
    for line in re.findall(r"^\.It (Fl .*)$", manual, re.M):
        listed.update(re.findall(r"Fl -([\w-]+)", line))
    same(("usage", "manual page"), options, listed)
    same(("usage", "completion"), commands, completed(top, ["segue"]))
    for name, taken in commands.items():
        same((f"{name} --help", f"completion of {name}"), taken, completed(top, ["segue", name]))


def main():
    top, segue = sys.argv[1], os.path.abspath(sys.argv[2])
    check_spec(read(f"{top}/uapi/segue.h"), yaml.safe_load(read(f"{top}/uapi/segue.yaml")))
    check_command(top, usage(segue))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
