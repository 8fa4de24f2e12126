#!/usr/bin/env bash
# installer.sh ROOT WORK: make the installer of WORK/dist, then install silently, run, refuse while running, upgrade,
# uninstall; the trader's data must be there afterwards and nothing else.
set -euo pipefail
root=$1
work=$2
. "$work/environment"
python="$work/wheelmaker/bin/python"
windows() { timeout "${LIMIT:-120}" wine "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }
zpath() { printf 'Z:%s' "${1//\//\\}"; }
step() { printf '\n== wine: %s\n' "$*"; }
fail() { echo "FAILED: $*"; exit 1; }

version=$("$python" -c "import sys; sys.path.insert(0, '$root/packaging/freeze'); from pathlib import Path; from version_info import version_of; print(version_of(Path('$root')))")
make_installer() { # VERSION
    makensis -V2 ${QBX_RELEASE:+-DRELEASE} ${QBX_RELEASE:--DFAST} -DSOURCE="$work/dist/QuantumBotX" -DVERSION="$1" \
        -DICON="$work/frozen/build/made/app.ico" -DLICENCE="$root/LICENSE" \
        -DOUTPUT="$work/QuantumBotX-$1-x64-setup.exe" "$root/packaging/windows/installer.nsi"
}
local_data="$WINEPREFIX/drive_c/users/$(id -un)/AppData/Local"
programs="$local_data/Programs/QuantumBotX"
shortcut="$WINEPREFIX/drive_c/users/$(id -un)/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/QuantumBotX.lnk"
key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\QuantumBotX'

step "the installer"
begin=$SECONDS
make_installer 0.0.1
make_installer "$version"
(cd "$work" && sha256sum "QuantumBotX-$version-x64-setup.exe" | tee SHA256SUMS)
echo "$(du -m "$work/QuantumBotX-$version-x64-setup.exe" | cut -f1) MB, both made in $((SECONDS - begin)) s"

step "silent installation of an older version"
rm -rf "$programs" "$local_data/QuantumBotX"
windows "$work/QuantumBotX-0.0.1-x64-setup.exe" /S
[ -f "$programs/QuantumBotX.exe" ] || fail "nothing was installed"
[ -f "$shortcut" ] || fail "no Start-menu entry"
touch "$programs/_internal/module_of_an_older_version.pyd"
grep -q '0.0.1' <<<"$(windows reg query "$key" /v DisplayVersion)" || fail "Windows does not know the installed version"

step "it runs, and refuses to be replaced meanwhile"
mkdir -p "$local_data/QuantumBotX"
(LIMIT=120 windows "$programs/QuantumBotX.exe" --window --home 'C:\users\Public\running' || true) &
for _ in $(seq 60); do xdotool search --name 'QuantumBotX Desktop' >/dev/null 2>&1 && break; sleep 1; done
xdotool search --name 'QuantumBotX Desktop' >/dev/null || fail "the installed program shows no window"
code=0
windows "$work/QuantumBotX-$version-x64-setup.exe" /S || code=$?
[ "$code" = 3 ] || fail "the installer ended with $code while the program ran, not 3"
[ -f "$programs/_internal/module_of_an_older_version.pyd" ] || fail "files were changed while the program ran"
code=0
windows "$programs/uninstall.exe" /S _?="C:\\users\\$(id -un)\\AppData\\Local\\Programs\\QuantumBotX" || code=$?
[ "$code" = 3 ] || fail "the uninstaller ended with $code while the program ran, not 3"

step "a second start raises the first window and says so"
grep -q 'already running' <<<"$(windows "$programs/qbx.exe" --window --home 'C:\users\Public\running')" || fail "a second start did not find the first"
windows taskkill /f /im QuantumBotX.exe >/dev/null || true
wait || true
sleep 2

step "upgrade in place"
windows "$work/QuantumBotX-$version-x64-setup.exe" /S
[ ! -e "$programs/_internal/module_of_an_older_version.pyd" ] || fail "a module of the older version is still there"
grep -q "$version" <<<"$(windows reg query "$key" /v DisplayVersion)" || fail "Windows still knows the older version"
LIMIT=240 windows "$programs/QuantumBotX.exe" --selftest "$(zpath "$work/installed.json")"
python3 "$root/packaging/wine/selftest.py" "$work/installed.json"

step "silent removal; the data stays"
echo kept >"$local_data/QuantumBotX/bots.db"
windows "$programs/uninstall.exe" /S
for _ in $(seq 20); do [ -e "$programs" ] || break; sleep 1; done
[ ! -e "$programs" ] || fail "left behind: $(find "$programs" | head -5)"
[ ! -e "$shortcut" ] || fail "the Start-menu entry is still there"
[ "$(cat "$local_data/QuantumBotX/bots.db")" = kept ] || fail "the trader's data is gone"
if windows reg query "$key" >/dev/null; then fail "the uninstall entry is still there"; fi
echo "installed, refused, upgraded, removed; data kept"
