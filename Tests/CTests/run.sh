#!/usr/bin/env bash
# Runs test programs, checks of the headers and of the binary interface, and a short fuzz run: run.sh OUT LIB CALLS programs…
set -uo pipefail
cd "$(dirname "$0")"
out=$1
lib=$2
calls=$3
shift 3
passed=0
failed=0

# Adds the counts of a closing line; a program that ends otherwise than by it has failed.
count() {
  local name=$1 line=$2 status=$3
  echo "$name: $line"
  passed=$((passed + $(grep -oE '[0-9]+ passed' <<< "$line" | grep -oE '[0-9]+' || echo 0)))
  local wrong
  wrong=$(grep -oE '[0-9]+ failed' <<< "$line" | grep -oE '[0-9]+' || echo 0)
  if [ "$status" != 0 ] && [ "$wrong" = 0 ]; then wrong=1; fi
  failed=$((failed + wrong))
}

for program in "$@"; do
  line=$("$program" | tail -1)
  count "${program#"$out"/}" "$line" $?
done
line=$("$out/test_host" "$lib/libswiftnn.so" | tail -1)
count test_host "$line" $?
line=$(./headers.sh "$out" | tail -1)
count headers "$line" $?
line=$(./abi.sh "$lib/libswiftnn.so" | tail -1)
count abi "$line" $?
# A fuzz run is one test.
fuzz() {
  local name=$1
  shift
  if "$out/$name" "$@" --seed 1; then count "$name" "1 passed, 0 failed" 0; else count "$name" "0 passed, 1 failed" 1; fi
}
fuzz fuzz --calls "$calls"
fuzz fuzz_files --inputs "$calls" --seeds seeds/files

echo "C tests: $passed passed, $failed failed"
exit $((failed > 0))
