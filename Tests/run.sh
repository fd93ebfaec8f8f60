#!/usr/bin/env bash
# Runs suites one after another, all of them even when one fails, and sums them up in the end: run.sh swift c python.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/log

# The counts that the closing line of each runner gives.
counts() {
  case $1 in
    swift) grep -oE 'Test run with [0-9]+ tests?.* (passed|failed).*' "$2" | tail -1 | sed -E 's/ after.*//' ;;
    python) grep -oE '([0-9]+ (passed|failed|errors?)(, )?)+' "$2" | tail -1 ;;
    *) grep -oE '[0-9]+ passed, [0-9]+ failed.*' "$2" | tail -1 ;;
  esac
}

failed=0
summary=
for suite in "$@"; do
  echo "==== $suite ===="
  log=build/log/test-$suite.log
  if make "test-$suite" 2>&1 | tee "$log"; then
    verdict=passed
  else
    verdict=FAILED
    failed=$((failed + 1))
  fi
  summary+=$(printf '%-10s %-7s %s' "$suite" "$verdict" "$(counts "$suite" "$log")")$'\n'
done
echo "==== summary ===="
printf '%s' "$summary"
echo "$(($# - failed)) of $# suites passed"
exit $((failed > 0))
