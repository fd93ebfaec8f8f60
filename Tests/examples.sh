#!/usr/bin/env bash
# Runs every example of every language; the digit demos also with 1 and 2 threads, whose losses must be the same.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
mkdir -p build/log build/losses

# expect name command…: passes when the command does; its output is shown when it does not.
expect() {
  local name=$1
  shift
  if "$@" > build/log/example.log 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name"
    tail -20 build/log/example.log
  fi
}

for source in examples/c/*.c; do
  name=$(basename "$source" .c)
  expect "C $name" "build/examples/$name"
done
for folder in examples/swift/Sources/*/; do
  name=$(basename "$folder")
  expect "Swift $name" ".build/examples/release/$name"
done
for source in examples/python/*.py; do
  expect "Python $(basename "$source")" .venv/bin/python "$source"
done
for threads in 1 2; do
  expect "demo with $threads threads" env SWIFTNN_NUM_THREADS=$threads Tests/demo.sh
  cp build/losses/c "build/losses/threads-$threads"
done
expect "the same losses with 1 and 2 threads" cmp build/losses/threads-1 build/losses/threads-2


# The same numbers from each language, and from a run that C begins and Python goes on with.
for threads in 1 2; do
  export SWIFTNN_NUM_THREADS=$threads
  build/examples/fit > build/losses/fit-c
  .build/examples/release/fit > build/losses/fit-swift
  .venv/bin/python examples/python/fit.py > build/losses/fit-python
  expect "fit in C and Swift with $threads threads" cmp build/losses/fit-c build/losses/fit-swift
  expect "fit in C and Python with $threads threads" cmp build/losses/fit-c build/losses/fit-python
  rm -rf build/losses/resume
  expect "begin in C with $threads threads" build/examples/begin build/losses/resume
  expect "continue in Python with $((3 - threads)) threads" \
    env SWIFTNN_NUM_THREADS=$((3 - threads)) .venv/bin/python Tests/Resume/continue.py build/losses/resume
done

echo "examples: $passed passed, $failed failed"
exit $((failed > 0))
