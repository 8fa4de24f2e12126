#!/usr/bin/env bash
# The Windows acceptance on Linux: the genuine Windows build with the genuine MetaTrader5 wheel, under Wine.
#   packaging/wine/run.sh [WORK] [STEP ...]      steps: prepare surface tests freeze programs installer look
# Prints "skipped: reason" and exits 0 where Wine or a package is missing. About ten minutes. Not a test on Windows:
# README.md beside this says what it cannot show.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$(dirname "$(dirname "$here")")
work=$(realpath -m "${1:-$root/build/wine}")
shift || true
steps=${*:-prepare surface tests freeze programs installer look}

skip() { echo "skipped: $*"; exit 0; }
for tool in wine wineserver osslsigncode makensis x86_64-w64-mingw32-gcc Xvfb unzip xdotool import; do
    command -v "$tool" >/dev/null || skip "$tool is not installed (packaging/wine/README.md lists the packages)"
done
mkdir -p "$work"
step() { printf '\n== wine: %s\n' "$*"; }

wants() { case " $steps " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

if wants prepare; then
    step "the official Python for Windows, its signatures checked"
    "$here/python.sh" "$work" || skip "the Windows Python could not be fetched or verified"
    "$work/tools/bin/uv" pip compile -q --python-platform x86_64-pc-windows-msvc --python-version 3.13 \
        "$root/pyproject.toml" --extra test --extra build -o "$work/requirements.txt"
    step "a Wine prefix with the locked Windows wheels"
    "$here/prefix.sh" "$work" "$work/requirements.txt"
    # The project itself, as an installed distribution: the spec reads its metadata.
    "$work/tools/bin/python" -m venv "$work/wheelmaker"
    "$work/wheelmaker/bin/pip" -q install build
    "$work/wheelmaker/bin/python" -m build -q --wheel --outdir "$work/wheel" "$root"
    "$work/tools/bin/uv" pip install -q --python-platform x86_64-pc-windows-msvc --python-version 3.13 --no-deps \
        --target "$work/prefix/drive_c/py/Lib/site-packages" "$work"/wheel/*.whl
fi

. "$work/environment"
display=:$((90 + RANDOM % 400))
Xvfb "$display" -screen 0 1366x768x24 >/dev/null 2>&1 &
screen=$!
trap 'wineserver -k 2>/dev/null || true; kill $screen 2>/dev/null || true' EXIT
export DISPLAY=$display
sleep 1

# Standard streams are pipes and every call has an end: see prefix.sh.
windows() { timeout "${LIMIT:-300}" wine "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }
zpath() { printf 'Z:%s' "${1//\//\\}"; }

if wants surface; then
    step "the simulator beside the real MetaTrader5 wheel"
    (cd "$root" && windows 'C:\py\python.exe' "$(zpath "$here/surface.py")" "$(zpath "$root")")
fi
if wants tests; then
    step "the tests' quick part with sys.platform == 'win32'"
    # A process each: a test that is cut for time takes its whole process along on Windows.
    for part in tests/domain tests/strategies tests/backtest/test_money.py tests/simulator tests/data "tests/broker/test_child_faults.py \
        tests/broker/test_credentials.py" tests/commands "tests/ui/test_start_with_windows.py tests/ui/test_launch.py tests/ui/test_window.py"; do
        # shellcheck disable=SC2086
        (cd "$root" && LIMIT=2400 windows 'C:\py\python.exe' -m pytest -q -p no:cacheprovider -m "not long and not display" \
            --timeout 300 $part | tail -n 40) || failed="${failed:-} $part"
    done
    [ -z "${failed:-}" ] || { echo "FAILED:$failed"; exit 1; }
fi
if wants freeze; then
    step "the two programs"
    rm -rf "$work/dist" "$work/frozen"
    (cd "$root" && LIMIT=1800 windows 'C:\py\python.exe' -m PyInstaller --noconfirm --log-level WARN --distpath "$(zpath "$work/dist")" \
        --workpath "$(zpath "$work/frozen")" "$(zpath "$root/build.spec")")
    du -sm "$work/dist/QuantumBotX" | sed 's/\t.*/ MB installed/'
    "$work/wheelmaker/bin/pip" -q install pefile
    "$work/wheelmaker/bin/python" "$here/programs.py" "$work/dist/QuantumBotX" "$root"
fi
if wants programs; then
    step "the self-test from a path with spaces and foreign letters"
    place="$work/Zażółć Привет 测试"
    rm -rf "$place"
    cp -a "$work/dist/QuantumBotX" "$place"
    LIMIT=240 windows "$place/QuantumBotX.exe" --selftest "$(zpath "$work/selftest.json")"
    python3 "$here/selftest.py" "$work/selftest.json"
    step "the console program prints and sets its exit code"
    grep -q 'QuantumBotX Desktop' <<<"$(windows "$place/qbx.exe" --version)"
    if windows "$place/qbx.exe" backtest --bars nothing.csv --strategy MA_CROSSOVER --lots 0.1 >"$work/qbx.txt"; then
        echo "qbx should have failed"; exit 1
    fi
    grep -q '^qbx: ' "$work/qbx.txt"
    rm -rf "$place"
fi
if wants installer; then
    "$here/installer.sh" "$root" "$work"
fi
if wants look; then
    "$here/look.sh" "$root" "$work"
fi
step "done"
