#!/usr/bin/env bash
# Runs the digit demo in three languages and compares the losses, which each writes in hexadecimal, bit for bit.
set -euo pipefail
cd "$(dirname "$0")/.."
losses=build/losses
mkdir -p $losses

echo "---- C ----"
build/examples/digits --losses $losses/c
echo "---- Swift ----"
.build/examples/release/digits --losses $losses/swift
echo "---- Python ----"
.venv/bin/python examples/python/digits.py --losses $losses/python

for language in swift python; do
  if ! cmp -s $losses/c $losses/$language; then
    echo "the losses of C and $language differ:"
    diff $losses/c $losses/$language | head
    exit 1
  fi
done
echo "C, Swift and Python: the same $(wc -l < $losses/c) losses, bit for bit"
