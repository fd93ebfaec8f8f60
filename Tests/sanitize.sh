#!/usr/bin/env bash
# Builds the library, the C tests and the fuzz driver under sanitizers and runs them: sanitize.sh address|thread.
#
# Clang of the Swift toolchain compiles the C side, so that both sides share one runtime of the sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1
swift_bin=$(dirname "$(readlink -f "$(command -v swift)")")
scratch=.build/$kind
out=$PWD/build/$kind
calls=${CALLS:-20000}
mkdir -p "$out" build/log

case $kind in
  address)
    flags="-fsanitize=address,undefined -fno-omit-frame-pointer"
    c_flags=(-Xcc -fsanitize=undefined)
    ;;
  thread)
    # The runtime of the sanitizer refers to Dispatch, which the library itself does not use.
    runtime=$(dirname "$swift_bin")/lib/swift/linux
    flags="-fsanitize=thread -L$runtime -ldispatch -lBlocksRuntime -Wl,-rpath,$runtime -Wno-unused-command-line-argument"
    c_flags=()
    ;;
  *) echo "sanitize.sh address|thread" >&2 && exit 2 ;;
esac

echo "$kind: building"
if ! swift build -c release --product swiftnn --scratch-path "$scratch" --sanitize="$kind" "${c_flags[@]}" -Xswiftc -g \
  > "build/log/$kind.log" 2>&1; then
  cat "build/log/$kind.log"
  exit 1
fi
library=$(readlink -f "$scratch/release")
kernels=("$out/kernels/test_threads" "$out/kernels/test_memory" "$out/kernels/test_queue")
wanted=(api "${kernels[@]}")
if [ "$kind" = address ]; then wanted=(api kernels); fi
make -s -C Tests/CTests CC="$swift_bin/clang" OUT="$out" LIB="$library" SANITIZE="$flags -fuse-ld=lld" "${wanted[@]}"

export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=0:allocator_may_return_null=1
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=halt_on_error=1:die_after_fork=0:suppressions=$PWD/Tests/tsan.suppressions
export ASAN_SYMBOLIZER_PATH=$swift_bin/llvm-symbolizer
failed=0
programs=("$out"/test_*)
while read -r program; do programs+=("$program"); done < <(find "$out/kernels" -name 'test_*' -executable -type f | sort)
if [ "$kind" = thread ]; then programs=("$out/test_threads" "$out/test_tensors" "$out/test_data" "${kernels[@]}"); fi
for program in "${programs[@]}"; do
  echo "$kind: $(basename "$program")"
  "$program" || failed=$((failed + 1))
done
if [ "$kind" = address ]; then
  "$out/fuzz" --calls "$calls" --seed 1 || failed=$((failed + 1))
  "$out/fuzz_files" --inputs "$calls" --seed 1 --seeds Tests/CTests/seeds/files || failed=$((failed + 1))
fi
echo "$kind: $failed failed"
exit $((failed > 0))
