#!/usr/bin/env bash
# What the library exports and needs is what the header says: abi.sh libswiftnn.so.
set -uo pipefail
library=$1
header=$(dirname "$0")/../../include/swiftnn.h
passed=0
failed=0

# expect name wanted got
expect() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $1" >&2
    diff <(echo "$2") <(echo "$3") >&2
  fi
}

# Functions of the header, without the inline shorthands and the types of callbacks.
declared=$(sed -e 's|/\*.*\*/||' "$header" | grep -vE '^static inline|^typedef|^#|^ *\*|^/\*' | grep -oE '\bsnn_[a-z0-9_]+\(' | tr -d '(' | sort -u)
exported=$(nm -D --defined-only "$library" | awk '{print $3}' | sort -u)
expect "the exports" "$declared" "$exported"

needed=$(readelf -d "$library" | grep -oE 'NEEDED.*\[(.*)\]' | sed -E 's/.*\[(.*)\]/\1/' | grep -vE '^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux[-a-z0-9_]*\.so\.[0-9])$')
expect "what is needed" "" "$needed"

version=$(awk '/define SNN_VERSION_MAJOR/ {print $3}' "$header")
expect "the SONAME" "libswiftnn.so.$version" "$(readelf -d "$library" | grep -oE 'SONAME.*\[(.*)\]' | sed -E 's/.*\[(.*)\]/\1/')"
expect "NODELETE" "1" "$(readelf -d "$library" | grep -c NODELETE)"

size=$(stat -Lc %s "$library")
expect "less than 10 MB" "yes" "$([ "$size" -lt 10000000 ] && echo yes || echo "$size bytes")"

echo "$passed passed, $failed failed"
exit $((failed > 0))
