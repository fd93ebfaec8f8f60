# The commands of the README: `make demo` and `make test`. Each prepares what it needs; `make help` lists all.

VERSION := $(shell awk '/define SNN_VERSION_(MAJOR|MINOR|PATCH)/ {printf "%s%s", s, $$3; s="."}' include/swiftnn.h)
SONAME  := libswiftnn.so.$(firstword $(subst ., ,$(VERSION)))
PREFIX  ?= /usr/local
PYTHON  ?= python3
CALLS   ?= 1000000
SEED    ?= 1

LEAN := .build/lean/ld.lld
SWIFT_BUILD_FLAGS := -c release --scratch-path .build/lib -Xswiftc -use-ld=lld -Xswiftc -ld-path=$(LEAN) \
  -Xcc -fno-asynchronous-unwind-tables -Xcc -fno-unroll-loops -Xcc -ffunction-sections \
  -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -static-stdlib -Xswiftc -Osize \
  -Xswiftc -enforce-exclusivity=unchecked
SWIFT_LIB_FLAGS := $(SWIFT_BUILD_FLAGS) --product swiftnn -Xlinker -s -Xlinker -soname=$(SONAME) \
  -Xlinker --version-script=include/swiftnn.map -Xlinker --gc-sections -Xlinker --icf=all -Xlinker -z \
  -Xlinker nodelete -Xlinker -O2 -Xlinker -z -Xlinker pack-relative-relocs -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker packaging/lean.ld
SWIFT_TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path .build/test --disable-xctest
LIBRARY := build/lib/libswiftnn.so
IN_VENV := .venv/bin/
LINK    := -Iinclude -Lbuild/lib -lswiftnn -lm -Wl,-rpath,$(CURDIR)/build/lib

# $(call quietly,name,command): keeps the output in build/log/name.log and shows it when the command fails.
quietly = mkdir -p build/log; $(2) > build/log/$(1).log 2>&1 || { cat build/log/$(1).log; echo "$(1): failed"; exit 1; }

MAKEFLAGS += --no-print-directory

.PHONY: help
help:  ## Lists the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- Setting up ----

.PHONY: setup
setup: .venv/ready  ## Finds or installs what the other targets need; Python packages go into .venv.

.venv/ready: Tests/requirements.txt Tests/setup.sh
	@PYTHON="$(PYTHON)" Tests/setup.sh

# ---- Building ----

$(LEAN): packaging/lean.py
	@$(PYTHON) packaging/lean.py $(@D)

.PHONY: lib
lib: $(LEAN)  ## Builds build/lib/libswiftnn.so: stripped, with the Swift runtime inside.
	@echo "lib: $(LIBRARY)"
	@$(call quietly,lib,swift build $(SWIFT_LIB_FLAGS))
	@mkdir -p build/lib
	@cmp -s .build/lib/release/libswiftnn.so $(LIBRARY) || cp .build/lib/release/libswiftnn.so $(LIBRARY)
	@ln -sf libswiftnn.so build/lib/$(SONAME)

PYTHON_SOURCES := $(shell find bindings/python include pyproject.toml setup.py -type f -not -name '*.pyc' -not -name '*.so*')

.PHONY: python
python: lib setup  ## Installs the Python package into .venv, again when its sources have changed.
	@$(MAKE) .venv/swiftnn

.venv/swiftnn: $(LIBRARY) $(PYTHON_SOURCES)
	@echo "python: the package in .venv"
	@$(call quietly,python,SWIFTNN_LIBRARY=$(LIBRARY) $(IN_VENV)python -m pip install --no-build-isolation --no-deps --force-reinstall .)
	@touch $@

.PHONY: examples
examples: lib  ## Builds the examples in C and Swift.
	@echo "examples: C and Swift"
	@mkdir -p build/examples
	@for source in examples/c/*.c; do \
	  $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Werror $$source -o build/examples/$$(basename $$source .c) $(LINK) || exit 1; done
	@$(call quietly,examples,swift build -c release --package-path examples/swift --scratch-path .build/examples)

.PHONY: demo
demo: examples python  ## Trains the digit classifier from C, Swift and Python and compares the losses bit for bit.
	@Tests/demo.sh

.PHONY: generate
generate: $(LEAN)  ## Writes the files that follow from the registry: typed header, stubs, reference.
	@$(call quietly,generate,swift run $(SWIFT_BUILD_FLAGS) swiftnn-generate .)
	@cat build/log/generate.log | grep wrote || true

# ---- Testing ----

.PHONY: test test-swift test-c test-python test-examples
test:  ## Runs all suites, each with its own closing line, and sums them up.
	@Tests/run.sh swift c python examples

test-swift:  ## Runs the Swift suite.
	@mkdir -p build/log
	@bash -o pipefail -c 'swift test $(SWIFT_TEST_FLAGS) 2>&1 | tee build/log/swift-test.log | grep -vE "(^\[|^Build|^Compiling|warning:|passed after|started\.$$|^ *[0-9]* \||^ *\||^In file included)" ; exit $${PIPESTATUS[0]}'
	@grep -E "Test run with" build/log/swift-test.log | tail -1

test-c: lib  ## Runs the C tests, those of the kernels, the checks of the binary interface and a short fuzz run.
	@$(MAKE) -C Tests/CTests OUT=$(CURDIR)/build/ctests LIB=$(CURDIR)/build/lib

.PHONY: killtest
killtest: lib  ## Kills a training 200 times at random moments; it goes on from its checkpoints to the same bits.
	@$(MAKE) -C Tests/CTests OUT=$(CURDIR)/build/ctests LIB=$(CURDIR)/build/lib killed
	@Tests/killtest.sh build/ctests/killed

test-python: python  ## Runs the Python suite.
	@$(IN_VENV)python -m pytest

test-examples: examples python  ## Runs every example, and the three digit demos with 1 and 2 threads.
	@Tests/examples.sh

# ---- Checking ----

C_FILES := $(shell find Sources Tests examples bindings benchmarks -name '*.[ch]' -not -path '*/.build/*' 2>/dev/null)
SWIFT_PATHS := Package.swift Sources Tests examples/swift/Package.swift examples/swift/Sources

.PHONY: check format
check: setup lib  ## Checks format, style, types, generated files and compiler warnings.
	@IN_VENV=$(IN_VENV) SWIFT_BUILD_FLAGS="$(SWIFT_BUILD_FLAGS)" Tests/check.sh "$(SWIFT_PATHS)" "$(C_FILES)"

format: setup  ## Formats Swift, C and Python.
	@swift format format --in-place --recursive $(SWIFT_PATHS)
	@$(IN_VENV)clang-format -i $(C_FILES)
	@$(IN_VENV)ruff format -q .

.PHONY: fuzz
fuzz: lib  ## Calls everything with random arguments, and opens mutated files: CALLS=1000000 SEED=1.
	@$(MAKE) -C Tests/CTests OUT=$(CURDIR)/build/ctests LIB=$(CURDIR)/build/lib fuzz
	build/ctests/fuzz --calls $(CALLS) --seed $(SEED)
	build/ctests/fuzz_files --inputs $(CALLS) --seed $(SEED) --seeds Tests/CTests/seeds/files

.PHONY: asan tsan
asan:  ## Runs the C tests and a fuzz run under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer.
	@Tests/sanitize.sh address

tsan:  ## Runs the tests of threads under ThreadSanitizer.
	@Tests/sanitize.sh thread

.PHONY: isa neon
isa: python  ## Runs the Swift and Python suites with the code for AVX2 alone, and with that for any processor.
	@for isa in avx2 portable; do \
	  echo "isa: $$isa" && SWIFTNN_ISA=$$isa $(MAKE) test-swift test-python || exit 1; done

neon:  ## Runs the tests of the kernels for ARM: needs qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross.
	@$(MAKE) -C Tests/CTests OUT=$(CURDIR)/build/neon CC=aarch64-linux-gnu-gcc SANITIZE=-static \
	  EMULATOR=qemu-aarch64 ISAS="neon portable" emulated

.PHONY: golden
golden:  ## Computes the golden numbers of Tests/Golden anew, with PyTorch in a .venv-golden of its own.
	@test -x .venv-golden/bin/python || $(PYTHON) -m venv .venv-golden
	@.venv-golden/bin/python -m pip install -q numpy torch
	.venv-golden/bin/python Tests/Golden/generate.py
	@$(MAKE) matrix

.PHONY: matrix
matrix:  ## Writes what the cases prove of every operation into Tests/Golden/matrix.json, for the page of operations.
	@$(call quietly,matrix,SNN_WRITE_MATRIX=1 swift test $(SWIFT_TEST_FLAGS) --filter MatrixTests)

.PHONY: conformance
conformance: python  ## Compares with PyTorch over its public operators, and writes docs/pytorch.md: OPERATORS="sort linalg.*".
	@test -x .venv-conformance/bin/python || $(PYTHON) -m venv .venv-conformance
	@.venv-conformance/bin/python -m pip install -q numpy torch expecttest
	@SWIFTNN_LIBRARY=$(LIBRARY) .venv-conformance/bin/python -m pip install -q --no-deps --force-reinstall .
	.venv-conformance/bin/python Tests/Conformance/run.py --write $(OPERATORS)

.PHONY: conformance-models
conformance-models: python  ## Compares the models with those of torchvision and Hugging Face, with random weights.
	@test -x .venv-conformance/bin/python || $(PYTHON) -m venv .venv-conformance
	@.venv-conformance/bin/python -m pip install -q numpy torch torchvision transformers
	@SWIFTNN_LIBRARY=$(LIBRARY) .venv-conformance/bin/python -m pip install -q --no-deps --force-reinstall .
	.venv-conformance/bin/python Tests/Conformance/models.py

.PHONY: bench
bench: python  ## Times training steps and products against PyTorch, JAX and OpenBLAS, and writes docs/performance.md: CASES="gpt cnn".
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -q numpy torch jax
	@SWIFTNN_LIBRARY=$(LIBRARY) .venv-bench/bin/python -m pip install -q --no-deps --force-reinstall .
	.venv-bench/bin/python benchmarks/run.py --json build/bench.json $(if $(CASES),$(CASES),--write docs/performance.md)

.PHONY: figures
figures: python  ## Draws the figures of docs: rates of the schedules, ways of the optimizers.
	@$(IN_VENV)python docs/figures/draw.py docs/figures

# ---- Installing ----

INSTALL_INCLUDE := $(DESTDIR)$(PREFIX)/include/swiftnn
INSTALL_LIB     := $(DESTDIR)$(PREFIX)/lib
filled = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@SONAME@|$(SONAME)|g'

.PHONY: install
install: lib  ## Installs library, headers, pkg-config file and CMake package: PREFIX=/usr/local DESTDIR=.
	@echo "install: $(DESTDIR)$(PREFIX)"
	@install -d $(INSTALL_INCLUDE) $(INSTALL_LIB)/pkgconfig $(INSTALL_LIB)/cmake/swiftnn
	@install -m 644 include/swiftnn.h include/swiftnn_typed.h include/module.modulemap $(INSTALL_INCLUDE)
	@install -m 755 $(LIBRARY) $(INSTALL_LIB)/libswiftnn.so.$(VERSION)
	@ln -sf libswiftnn.so.$(VERSION) $(INSTALL_LIB)/$(SONAME)
	@ln -sf $(SONAME) $(INSTALL_LIB)/libswiftnn.so
	@$(filled) packaging/swiftnn.pc.in > $(INSTALL_LIB)/pkgconfig/swiftnn.pc
	@for file in swiftnnConfig swiftnnConfigVersion; do \
	  $(filled) packaging/$$file.cmake.in > $(INSTALL_LIB)/cmake/swiftnn/$$file.cmake; done

.PHONY: clean
clean:  ## Removes what the other targets have made, .venv included.
	rm -rf .build build dist .venv .venv-golden .venv-conformance .venv-bench *.egg-info
