# A thin front: Meson does the work. "make help" says what there is.
BUILD ?= build
LAB = tests/lab/lab
ALLOW = --allow-net 192.0.2.0/24 --allow-net 198.51.100.0/24 \
	--allow-net 203.0.113.0/24 --allow-net 2001:db8::/32

.PHONY: all build demo check test lab fuzz bench format install clean help

all: build

help:
	@echo "make demo     build, check a dozen domains in the lab, watch thirty, publish for one"
	@echo "make check    build, and run every test (as CI does)"
	@echo "make test     the unit and scenario tests alone: no network"
	@echo "make lab      a shell inside the lab"
	@echo "make fuzz     every fuzzer for a while (SECONDS=60)"
	@echo "make bench    the figures of the README, the long ones in short (bench/README.md)"
	@echo "make format   clang-format everything"
	@echo "make install  what Meson installs (PREFIX, DESTDIR)"

$(BUILD)/build.ninja:
	@sh tools/setup
	@out=$$(meson setup $(BUILD) 2>&1) || { echo "$$out"; exit 1; }

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

demo: build
	@MTASTS=$(BUILD)/src/cli/mtasts MTASTSD=$(BUILD)/src/roles/mtastsd \
	    $(LAB) run --door 8461 -- sh -c '$$MTASTS check $(ALLOW) --file "$$LAB_DEMO_LIST"; \
	    [ $$? -le 3 ] && exec tests/lab/demo'

check:
	@sh tools/setup --check tools/check

test: build
	@meson test -C $(BUILD) --quiet --print-errorlogs

lab: build
	@$(LAB) shell

fuzz:
	@sh tools/setup tools/fuzz $(or $(SECONDS),60)

bench:
	@sh tools/setup bench/parse build-bench
	@ninja -C build-bench --quiet
	@bench/check build-bench/src/cli/mtasts
	@bench/store build-bench 1000 10000 100000
	@bench/month build-bench 100
	@bench/web build-bench 10000
	@bench/monitor --short build-bench
	@bench/monitors --seconds 120 build-bench
	@bench/acme --count 100 build-bench/tests/issue
	@bench/dns --rounds 3 build-bench/tests/serve_zone
	@bench/https --rounds 1 build-bench
	@bench/hosting --domains 100 build-bench

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: build
	@meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*
