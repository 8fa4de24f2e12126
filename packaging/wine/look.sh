#!/usr/bin/env bash
# look.sh ROOT WORK: pictures of the frozen program for a person to look at: 100 % and 150 %, dark and light, a balloon.
set -euo pipefail
root=$1
work=$2
. "$work/environment"
windows() { timeout "${LIMIT:-120}" wine "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }
zpath() { printf 'Z:%s' "${1//\//\\}"; }
pictures="$work/pictures"
rm -rf "$pictures"
mkdir -p "$pictures"
openbox >/dev/null 2>&1 &
manager=$!
trap 'kill $manager 2>/dev/null || true' EXIT

for scale in 100 150; do
    windows reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d $((96 * scale / 100)) /f >/dev/null
    wineserver -w
    windows "$work/dist/QuantumBotX/QuantumBotX.exe" --window --home "C:\\users\\Public\\look-$scale" \
        --screenshot "$(zpath "$pictures/$scale")"
done
windows reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d 96 /f >/dev/null
wineserver -w
ls "$pictures"/*/*.png
