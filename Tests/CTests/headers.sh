#!/usr/bin/env bash
# The headers compile alone, in every standard that they promise, by every compiler at hand, without a warning.
set -uo pipefail
cd "$(dirname "$0")"
include=$(cd ../../include && pwd)
work=$1
passed=0
failed=0
flags=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only "-I$include")

try() {
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $*" >&2
  fi
}

for header in swiftnn.h swiftnn_typed.h; do
  printf '#include "%s"\n#include "%s"\nint main(void) { return snn_abi_version() < SNN_ABI_VERSION; }\n' $header $header > "$work/header.c"
  cp "$work/header.c" "$work/header.cpp"
  for compiler in gcc clang; do
    for standard in c99 c11; do try $compiler -std=$standard "${flags[@]}" "$work/header.c"; done
  done
  for compiler in g++ clang++; do try $compiler -std=c++17 "${flags[@]}" "$work/header.cpp"; done
done

echo "$passed passed, $failed failed"
exit $((failed > 0))
