#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mk/deps.sh PURPOSE...: install the Debian packages of mk/packages that are missing for the purposes.
# Does nothing, quickly and without any privilege, when nothing is missing.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=mk/packages
. "$here/packages"

die()
{
	echo "deps: $*" >&2
	exit 1
}

command -v dpkg-query >/dev/null ||
	die "dpkg-query is not here; this needs Debian 12, or install by hand what mk/packages lists"

wanted=
for purpose in "$@"; do
	eval "list=\${packages_$purpose-}"
	# shellcheck disable=SC2154 # set by the eval above
	[ -n "$list" ] || die "mk/packages has no list named '$purpose'"
	wanted="$wanted $list"
done

installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' 2>/dev/null | tr '\n' ' ')"
missing=
for package in $wanted; do
	case $installed in
	*" ii $package "* | *"ii $package "*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

[ "$(id -u)" = 0 ] ||
	die "missing packages, and only root can install them; run: apt-get install$missing"

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt_install()
{
	# shellcheck disable=SC2086 # a list of words is meant
	apt-get install -q -y --no-install-recommends $missing
}

# Package lists may be absent or so old that the archive has dropped the files they name.
if ! apt_install >/dev/null 2>&1; then
	apt-get update -q >&2 || die "apt-get update failed; see above"
	apt_install >&2 || die "apt-get could not install:$missing"
fi
