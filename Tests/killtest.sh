#!/bin/bash
# Kills a training at random moments, resumes it from its last checkpoint each time, and compares the end with that of a training
# that nothing interrupted: killtest.sh program [times] [seed]. A training that reaches its end begins anew.
set -u
program=$1
times=${2:-200}
RANDOM=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

KILLED_FOLDER=$work/whole "$program" > "$work/expected" || exit 1
start=$(date +%s%N)
KILLED_FOLDER=$work/timed "$program" > /dev/null || exit 1
whole=$((($(date +%s%N) - start) / 1000))  # microseconds
kills=0 ends=0 run=0

compare() {
  ends=$((ends + 1))
  cmp -s "$work/expected" "$work/got" && return
  echo "killtest: the end after $kills kills differs"
  exit 1
}

while [ "$kills" -lt "$times" ]; do
  KILLED_FOLDER=$work/run$run "$program" > "$work/got" 2> "$work/errors" &
  pid=$!
  micros=$(((RANDOM * 32768 + RANDOM) % (whole / 2)))
  sleep "$((micros / 1000000)).$(printf '%06d' $((micros % 1000000)))"
  kill -9 "$pid" 2> /dev/null
  wait "$pid" 2> /dev/null
  status=$?
  if [ $status -eq 137 ]; then
    kills=$((kills + 1))
  elif [ $status -eq 0 ]; then
    compare
    rm -rf "$work/run$run"
    run=$((run + 1))
  else
    echo "killtest: a training could not go on after $kills kills:"
    cat "$work/errors"
    exit 1
  fi
done
KILLED_FOLDER=$work/run$run "$program" > "$work/got" || exit 1
compare
left=$(find "$work" -type f -path '*/run*' ! -name '*.safetensors' | wc -l)
echo "killtest: $kills kills, $ends trainings ended with the same bits, $left files left by killed writers"
