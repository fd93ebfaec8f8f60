# The commands of the README: `make demo` and `make test`. Each prepares what it needs.

VERSION := $(shell awk '/define SNN_VERSION_(MAJOR|MINOR|PATCH)/ {printf "%s%s", s, $$3; s="."}' include/swiftnn.h)
SONAME  := libswiftnn.so.$(firstword $(subst ., ,$(VERSION)))
PREFIX  ?= /usr/local

SWIFT_LIB_FLAGS := -c release --product swiftnn --scratch-path .build/lib -Xswiftc -static-stdlib -Xswiftc -use-ld=lld \
  -Xlinker --version-script=include/swiftnn.map -Xlinker --gc-sections -Xlinker -s -Xlinker -soname=$(SONAME)

.PHONY: lib
lib:  ## build/lib/libswiftnn.so: stripped, with the Swift runtime inside
	swift build $(SWIFT_LIB_FLAGS)
	@mkdir -p build/lib
	@cmp -s .build/lib/release/libswiftnn.so build/lib/libswiftnn.so || cp .build/lib/release/libswiftnn.so build/lib/libswiftnn.so
	@ln -sf libswiftnn.so build/lib/$(SONAME)
