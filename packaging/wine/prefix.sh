#!/usr/bin/env bash
# prefix.sh WORK REQUIREMENTS: a fresh Wine prefix with WORK/py as C:\py and the required Windows wheels in it.
set -euo pipefail
work=$(realpath "$1")
requirements=$(realpath "$2")
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$work"

cat >environment <<SET
export WINEPREFIX="$work/prefix" WINEARCH=win64 WINEDEBUG=-all LC_ALL=C.UTF-8
export WINEDLLOVERRIDES="mscoree,mshtml=;ucrtbase,mscms=n,b;winedbg.exe=d"
SET
. ./environment
rm -rf prefix
# Standard streams must be pipes: Wine 8 gives Python broken handles when one is a file.
WINEDLLOVERRIDES="mscoree,mshtml=" wineboot -i </dev/null 2>&1 | cat >/dev/null
wineserver -w
wine winecfg -v win10 </dev/null 2>&1 | cat >/dev/null
for face in "Segoe UI" Tahoma "MS Shell Dlg" "MS Shell Dlg 2" "Microsoft Sans Serif"; do
    wine reg add 'HKCU\Software\Wine\Fonts\Replacements' /v "$face" /t REG_SZ /d "Liberation Sans" /f </dev/null 2>&1 | cat >/dev/null
done
system=prefix/drive_c/windows/system32
for name in icuuc mscms; do
    x86_64-w64-mingw32-gcc -O1 -s -shared -w -o "$system/$name.dll" "$here/stub/$name.c"
done
cp ucrtbase.dll "$system/"

rm -rf site
tools/bin/uv pip install -q --python-platform x86_64-pc-windows-msvc --python-version 3.13 --only-binary=:all: \
    --target site -r "$requirements"
cp -a py prefix/drive_c/py
rm -rf prefix/drive_c/py/Lib/site-packages
mv site prefix/drive_c/py/Lib/site-packages
wine 'C:\py\python.exe' -c 'import sys; print(sys.version)' </dev/null 2>&1 | cat
