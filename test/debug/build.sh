#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# test/debug/build.sh: build the debug kernel of `make test-debug`: Debian's 6.1 source with the
# configuration beside this script.  The product is build/kernel/debug, with an env file as mk/kernel.sh
# makes it; it is built again when the source package or the configuration changes.
#
# JOBS (default: all CPUs) bounds the parallel compilers.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dir=$top/build/kernel/debug
log=$dir/build.log

die()
{
	echo "debug kernel: $*" >&2
	exit 1
}

"$top/mk/deps.sh" build kernel
"$top/mk/kernel.sh" 6.1
# Only where the source is and what it is called are wanted from the stock kernel.
TARBALL=$(sed -n 's/^TARBALL=//p' "$top/build/kernel/6.1/env")
VERSION=$(sed -n 's/^VERSION=//p' "$top/build/kernel/6.1/env")
[ -s "$TARBALL" ] || die "no source package at '$TARBALL'; remove build/kernel/6.1 and try again"

mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
stamp="$VERSION $(sha256sum <"$here/config")"
[ ! -s "$dir/env" ] || [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ] || exit 0
rm -f "$dir/env" "$dir/stamp"

echo "debug kernel: building, log in ${log#"$top/"}"
: >"$log"
src=$dir/src
obj=$dir/obj
if [ "$(cat "$src/.version-of-package" 2>/dev/null)" != "$VERSION" ]; then
	rm -rf "$src"
	mkdir -p "$src"
	tar -C "$src" --strip-components=1 -xJf "$TARBALL"
	echo "$VERSION" >"$src/.version-of-package"
fi
mkdir -p "$obj"

kmake()
{
	make -C "$src" "O=$obj" LOCALVERSION=-segue-debug KBUILD_BUILD_USER=segue KBUILD_BUILD_HOST=build \
		"$@" >>"$log" 2>&1 || die "make $* failed: $(tail -n 3 "$log" | tr '\n' ' '); see $log"
}

kmake "KCONFIG_ALLCONFIG=$here/config" allnoconfig
# An option whose dependency is missing is dropped in silence.
lost=$(grep -E '^CONFIG_[A-Z0-9_]+=' "$here/config" | while IFS= read -r option; do
	case $option in
	*=n) ! grep -q "^${option%=n}=" "$obj/.config" || echo "$option" ;;
	*) grep -qxF "$option" "$obj/.config" || echo "$option" ;;
	esac
done | tr '\n' ' ')
[ -z "$lost" ] || die "dependencies are missing for: $lost; add them to test/debug/config"

kmake -j"${JOBS:-$(nproc)}" bzImage modules
rm -rf "$dir/root"
mkdir -p "$dir/root"
# Debug information makes the modules, and with them the initramfs, ten times as large.
kmake INSTALL_MOD_STRIP=1 "INSTALL_MOD_PATH=$dir/root" modules_install

kver=$(cat "$obj/include/config/kernel.release")
cat >"$dir/env.new" <<END
KVER=$kver
KDIR=$obj
VMLINUZ=$obj/arch/x86/boot/bzImage
MODDIR=$dir/root/lib/modules/$kver
SRC=$src
TARBALL=$TARBALL
VERSION=$VERSION
END
echo "$stamp" >"$dir/stamp"
mv "$dir/env.new" "$dir/env"
echo "debug kernel: $kver ($VERSION)"
