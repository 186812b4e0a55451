#!/bin/sh
# Installs what the tests need from Debian; without root or sudo it says what is missing.
# Chromium for the pages; pcscd, a virtual reader and its headers for cards; libfreefare as a second opinion on the
# virtual card; SoftHSM2 for PKCS#11; CUPS for printing.
set -eu
packages="chromium cups-client cups-daemon libfreefare-bin libfreefare0 libnfc-bin libpcsclite-dev pcscd softhsm2 swig vsmartcard-vpcd"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok" || missing="$missing $package"
done
if [ -z "$missing" ] && [ -d /run/pcscd ]; then exit 0; fi
if [ "$(id -u)" = 0 ]; then as_root=""
elif command -v sudo >/dev/null; then as_root="sudo"
else
    echo "The tests need these Debian packages; install them as root: apt-get install$missing" >&2
    exit 1
fi
if [ -n "$missing" ]; then
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
# pcscd wants to write its process number there, and will not make the folder for an ordinary user.
$as_root mkdir -p /run/pcscd
