#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every shell script passes shellcheck.  Scripts are found by its first line or its name.

set -eu
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 1; }
scripts=()
scenarios=()
while IFS= read -r file; do
	if [ ! -f "$file" ] || [ -L "$file" ]; then
		continue
	fi
	case $file in
	test/scenario/*.sh) scenarios+=("$file") ;;
	*.sh | *.bash) scripts+=("$file") ;;
	*.[ch] | *.md | *.patch | *.py) ;;
	*) ! head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*[/ ](ba|da|)sh( |$)' || scripts+=("$file") ;;
	esac
done < <(git ls-files -co --exclude-standard)
[ ${#scripts[@]} -gt 0 ]
status=0
# SC1090, SC1091: files that are made at build time, and scenarios, are sourced by name.
shellcheck -x -e SC1090,SC1091 -f gcc "${scripts[@]}" || status=1
# SC2034, SC2154: a scenario's variables are read by the runner, which sets others.
[ ${#scenarios[@]} = 0 ] ||
	shellcheck -s bash -x -e SC1090,SC1091,SC2034,SC2154 -f gcc "${scenarios[@]}" || status=1
exit $status
