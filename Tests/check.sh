#!/usr/bin/env bash
# Style, types, generated files and warnings. Runs all checks and names those that failed: check.sh SWIFT_PATHS C_FILES.
set -uo pipefail
cd "$(dirname "$0")/.."
swift_paths=$1
c_files=$2
bin=${IN_VENV:-.venv/bin/}
failed=()
mkdir -p build/log

check() {
  local name=$1
  shift
  if "$@" > "build/log/check.log" 2>&1; then
    echo "check: $name"
  else
    echo "check: $name FAILED"
    head -40 "build/log/check.log"
    failed+=("$name")
  fi
}

kernel_warnings() {
  # shellcheck disable=SC2046
  for file in Sources/CKernels/*.c; do
    cc -std=gnu11 -O1 -fsyntax-only -Wall -Wextra -Werror -ISources/CKernels/include "$file" || return 1
  done
}

binding_warnings() {
  local include
  include=$("${bin}python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
  for file in bindings/python/src/*.c; do
    cc -std=gnu11 -fsyntax-only -Wall -Wextra -Werror -DPy_LIMITED_API=0x030B0000 -Iinclude -I"$include" "$file" || return 1
  done
}

# SwiftPM repeats no warning of a file that it does not compile again: the logs of earlier builds count too.
swift_warnings() {
  cat build/log/lib.log build/log/swift-test.log 2> /dev/null | grep -E '\.swift:[0-9]+:[0-9]+: warning:' | sort -u && return 1
  return 0
}

# shellcheck disable=SC2086
check "swift format" swift format lint --strict --recursive $swift_paths
# shellcheck disable=SC2086
check "clang-format" "${bin}clang-format" --dry-run -Werror $c_files
check "ruff" "${bin}ruff" check .
check "ruff format" "${bin}ruff" format --check .
check "mypy" "${bin}mypy"
check "generated files" swift run $SWIFT_BUILD_FLAGS swiftnn-generate --check .
check "golden cases" "${bin}python" Tests/Golden/generate.py --check
check "warnings in the kernels" kernel_warnings
check "warnings in the binding" binding_warnings
check "warnings in Swift" swift_warnings

if [ ${#failed[@]} -gt 0 ]; then
  echo "check: failed: $(IFS=,; echo "${failed[*]}")"
  exit 1
fi
echo "check: all passed"
