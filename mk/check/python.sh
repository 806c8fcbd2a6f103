#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every Python file compiles, without a warning.

set -eu
files=()
while IFS= read -r file; do
	if [ ! -f "$file" ] || [ -L "$file" ]; then
		continue
	fi
	case $file in
	*.py) files+=("$file") ;;
	*) ! head -c 64 "$file" | head -n 1 | grep -aq '^#!.*python' || files+=("$file") ;;
	esac
done < <(git ls-files -co --exclude-standard)
[ ${#files[@]} = 0 ] || python3 -W error - "${files[@]}" <<'END'
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        compile(file.read(), name, "exec", dont_inherit=True)
END
