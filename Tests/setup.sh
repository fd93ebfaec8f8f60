#!/usr/bin/env bash
# Looks for what building and testing need. Debian packages that are missing are installed as root, and named otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

fail() {
  echo "setup: $1" >&2
  exit 1
}

command -v swift > /dev/null || fail "Swift 6.3 is missing; see https://www.swift.org/install/linux"
command -v "$python" > /dev/null || fail "Python 3.11 or later is missing"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$("$python" --version) is too old: 3.11 or later is needed"

missing=()
command -v cc > /dev/null || missing+=(gcc)
command -v c++ > /dev/null || missing+=(g++)
command -v pkg-config > /dev/null || missing+=(pkg-config)
test -f "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" || missing+=(libpython3-dev)
"$python" -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    fail "these packages are missing: ${missing[*]}"
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y "${missing[@]}" > /dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -qq -y "${missing[@]}" > /dev/null
  }
fi

if [ ! -x .venv/bin/python ]; then
  echo "setup: .venv"
  "$python" -m venv .venv
fi
.venv/bin/python -m pip install -q --disable-pip-version-check -r Tests/requirements.txt
touch .venv/ready
