#!/usr/bin/env bash
# Runs every example of every language. Those that all languages have, with 1 and 2 threads, must give the same bits.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
mkdir -p build/log build/losses
rm -rf build/resume

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

c() { "build/examples/$1" "${@:2}"; }
swift() { ".build/examples/release/$1" "${@:2}"; }
python() { .venv/bin/python "examples/python/$1.py" "${@:2}"; }

# The same numbers from each language, and from a training that they take over from each other.
expect "a training in one piece" c resume build/resume/whole
for threads in 1 2; do
  export SWIFTNN_NUM_THREADS=$threads
  for language in c swift python; do
    $language fit > "build/losses/fit-$language-$threads"
    expect "fit in $language with $threads threads" cmp build/losses/fit-c-1 "build/losses/fit-$language-$threads"
  done
  relay=build/resume/threads-$threads
  expect "begin in C with $threads threads" c resume "$relay" 37
  expect "go on in Swift with $threads threads" swift resume "$relay" 70
  expect "end in Python with $threads threads" python resume "$relay" 100
  expect "the same bits with $threads threads" cmp build/resume/whole/end.safetensors "$relay/end.safetensors"
done

echo "examples: $passed passed, $failed failed"
exit $((failed > 0))
