# `make` alone lists the targets.
VENV := .venv
PYTHON_RUN := $(VENV)/bin/python
BUILD := build/wheel
C_TESTS := build/dev
SANITIZED := build/sanitized
RACING := build/racing
export HOTLOOP_TEST_BIN := $(abspath $(C_TESTS))/build/tests
export HOTLOOP_TEST_SANITIZED := $(abspath $(SANITIZED))
export HOTLOOP_TEST_RACING := $(abspath $(RACING))
# Workers, so that a crash or a hang costs one test.
PYTEST := $(PYTHON_RUN) -m pytest -q
PARALLEL := -n logical --maxprocesses 8 --dist worksteal --durations 10

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup:  ## install what is missing: Debian packages, the Python side into .venv and .venv-3.x
	@tools/setup

install: setup  ## build and install hotloop into .venv
	@[ $(BUILD)/build.ninja -nt meson.options ] || rm -rf $(BUILD)
	@VIRTUAL_ENV=$(abspath $(VENV)) PATH="$(abspath $(VENV))/bin:$$PATH" $(PYTHON_RUN) -m pip install --quiet --disable-pip-version-check \
		--no-build-isolation --no-deps --force-reinstall -Cbuild-dir=$(BUILD) .

demo: export HOTLOOP_DEMO_START := $(shell date +%s)
demo: install  ## run the examples on real input, with times and answers compared
	@$(PYTHON_RUN) tools/demo.py

# The random programs are the same in each run, so that luck fails nobody; `make fuzz` begins elsewhere each time.
test: export HOTLOOP_FUZZ_SEED ?= 20261121
test: install cprograms sanitized racing  ## set up, build, all tests; what depends on the Python with each that is found
	@$(PYTEST) $(PARALLEL) tests
	@tools/test-pythons $(C_TESTS) $(PARALLEL)

check: setup sanitized  ## the fast part: warnings as errors, layers, format, tests under ASan and UBSan
	@tools/check

fuzz: install cprograms  ## random programs against CPython, for longer (MINUTES=10)
	@HOTLOOP_FUZZ_MINUTES=$${MINUTES:-10} $(PYTEST) -o faulthandler_timeout=0 tests/fuzz

bench: install  ## print the budgets beside Numba and C, write benchmarks/RESULTS.md
	@$(PYTHON_RUN) benchmarks/run.py

bless: install cprograms  ## rewrite the golden files from what the compiler prints now; read the diff
	@HOTLOOP_BLESS=1 $(PYTEST) tests

wheel: setup  ## self-contained wheels in dist/, for each Python that is found, and tried
	@PATH="$(abspath $(VENV))/bin:$$PATH" $(PYTHON_RUN) tools/wheel.py

cprograms: setup
	@echo "build: C test programs" && VENV=$(abspath $(VENV)) tools/dev-build $(C_TESTS)

sanitized: setup
	@echo "build: everything under AddressSanitizer and UBSan" && \
		VENV=$(abspath $(VENV)) tools/dev-build $(SANITIZED) -Db_sanitize=address,undefined

racing: setup
	@echo "build: everything under ThreadSanitizer" && VENV=$(abspath $(VENV)) tools/dev-build $(RACING) -Db_sanitize=thread

.PHONY: help setup install demo test check fuzz bench bless wheel cprograms sanitized racing
.DEFAULT_GOAL := help
