# Every target does its own set-up. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1  /p' $(MAKEFILE_LIST) | awk -F '  ' '{printf "make %-10s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/ready ## watch three leads pass through a month in a minute (ARGS="--days 60", "--exit --json")
	@$(BIN)/nurture demo $(ARGS)

.PHONY: up
up: $(VENV)/ready ## run everything on this machine: pages on http://127.0.0.1:8000, mail in /inbox
	@$(BIN)/nurture up $(ARGS)

.PHONY: test
test: lint types ## check and test everything (ARGS="-k journeys" for less)
	@$(BIN)/python -m pytest -n 3 $(ARGS)

.PHONY: lint
lint: $(VENV)/ready-dev ## hold format, rules and floors
	@$(BIN)/ruff format --check nurture tests benchmarks
	@$(BIN)/ruff check nurture tests benchmarks
	@$(BIN)/lint-imports --no-cache

.PHONY: types
types: $(VENV)/ready-dev ## check the types
	@$(BIN)/mypy

.PHONY: cov
cov: $(VENV)/ready-dev ## which lines and branches the tests reach (ARGS="tests/domain" for less)
	@$(BIN)/python -m pytest -n 3 --cov --cov-report=term $(ARGS)

.PHONY: unit
unit: lint types ## check what needs no service, in seconds
	@$(BIN)/python -m pytest -q tests/domain tests/test_architecture.py tests/test_docs.py tests/test_wording.py $(ARGS)

.PHONY: bench
bench: $(VENV)/ready-dev ## measure what a mail costs and how evenly signups are answered (ARGS=--json; ARGS=mails)
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: crash
crash: $(VENV)/ready-dev ## prove the promise at full length: hours of kill -9, dead brokers and odd clocks (ARGS="-k kill")
	@CRASH_TESTS=full $(BIN)/python -m pytest tests/crash $(ARGS)

.PHONY: mutants
mutants: $(VENV)/ready-dev ## break each promise in a copy of the source, and see a crash test notice
	@$(BIN)/python -m tests.crash.mutants $(ARGS)

.PHONY: format
format: $(VENV)/ready-dev ## bring the code into shape
	@$(BIN)/ruff check --fix nurture tests benchmarks
	@$(BIN)/ruff format nurture tests benchmarks

.PHONY: shots
shots: $(VENV)/ready-dev ## take the README pictures anew (ARGS=all: every mail and page, into var/shots; needs Chromium)
	@$(BIN)/python -m tests.browser.pictures $(ARGS)

.PHONY: golden
golden: $(VENV)/ready-dev ## record every mail, JSON answer and page anew, after a change of words that was meant
	@$(BIN)/python -m tests.golden.record

.PHONY: docs
docs: $(VENV)/ready-dev ## write docs/reference anew from the code
	@$(BIN)/python -m tests.reference

.PHONY: lock
lock: ## pin and hash the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --extra install --extra dev pyproject.toml -o requirements-dev.txt
	@uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --extra install -c requirements-dev.txt pyproject.toml -o requirements.txt

.PHONY: clean
clean: ## remove what set-up and running made
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/ready: requirements.txt pyproject.toml
	@$(MAKE) --no-print-directory venv REQUIREMENTS=requirements.txt
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt pyproject.toml
	@$(MAKE) --no-print-directory venv REQUIREMENTS=requirements-dev.txt
	@touch $(VENV)/ready $@

.PHONY: venv
venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Nurture needs Python 3.11 or later. Point to one: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) \
	    || { rm -rf $(VENV); echo "Python cannot make virtual environments here (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Setting up in $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(REQUIREMENTS)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
