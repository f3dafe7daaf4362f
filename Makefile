# Every target sets up what it needs; `make help` lists them.
# Nothing is needed beforehand but Python 3.11+, git and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SDK_VENV := .venv-sdk
SDK_READY := $(SDK_VENV)/.ready
SDK_LOCK := tests/contract/official/requirements.lock
DOWNSTREAM_VENV := .venv-downstream
DOWNSTREAM_READY := $(DOWNSTREAM_VENV)/.ready
DOWNSTREAM_LOCK := tests/downstream/requirements.lock
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help setup browser run demo serve test soak check contract bench real-apps snapshots cassettes docs lock clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml requirements.lock
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; fi
	@test -x $(BIN)/python || { echo "Creating $(VENV) ..." >&2; $(PYTHON) -m venv $(VENV); } || { \
		rm -rf $(VENV); \
		echo "No virtual environment could be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the locked dependencies ..." >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(SDK_READY): $(SDK_LOCK) $(READY)
	@test -x $(SDK_VENV)/bin/python || $(PYTHON) -m venv $(SDK_VENV)
	@echo "Installing the official SDK into $(SDK_VENV) ..." >&2
	@$(SDK_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $(SDK_LOCK)
	@touch $(SDK_READY)

$(DOWNSTREAM_READY): $(DOWNSTREAM_LOCK) $(READY)
	@test -x $(DOWNSTREAM_VENV)/bin/python || $(PYTHON) -m venv $(DOWNSTREAM_VENV)
	@echo "Installing what the sample project needs into $(DOWNSTREAM_VENV) ..." >&2
	@$(DOWNSTREAM_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $(DOWNSTREAM_LOCK)
	@touch $(DOWNSTREAM_READY)

browser: $(READY)
	@$(BIN)/skyvern-mock install-browser >&2

setup: $(READY) browser ## virtual environment, locked dependencies, a browser

run: setup ## open the terminal app on an embedded mock server (without a terminal: make demo)
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/skyvern-tui --mock; else exec $(BIN)/skyvern-tui demo --out .demo; fi

demo: setup ## run three documented tasks on the bundled sites, without a terminal
	@$(BIN)/skyvern-tui demo --out .demo

serve: setup ## start the mock server on http://127.0.0.1:8000
	@exec $(BIN)/skyvern-mock serve

check: $(READY) ## formatting, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: setup ## the whole suite
	@$(MAKE) --no-print-directory -j 2 check $(SDK_READY) $(DOWNSTREAM_READY)
	@$(BIN)/pytest -n auto $(ARGS)

soak: setup ## a hundred runs, some canceled and a browser killed: is anything left behind?
	@$(BIN)/pytest -m soak $(ARGS)

contract: setup $(SDK_READY) ## the official SDK against the mock (or SKYVERN_BASE_URL with SKYVERN_API_KEY), and beside our client
	@$(BIN)/python tests/contract/run_official.py $(ARGS)
	@test -n "$$SKYVERN_BASE_URL" || $(BIN)/python tests/contract/compare.py

bench: setup ## the budgets of the design, as ratios measured in this run
	@$(BIN)/python tests/bench/run.py $(ARGS)

real-apps: setup ## the agent's tasks in applications from the package index, installed apart (ARGS="--environment DIR" keeps them)
	@$(BIN)/python tests/real_apps/run.py $(ARGS)

snapshots: setup ## accept the screens as they are now
	@$(BIN)/pytest tests/skyvern_tui/tui/snapshots --snapshot-update -q || true
	@git status --short tests

cassettes: setup ## record the HTTP cassettes anew from the mock server
	@$(BIN)/python tests/contract/record_cassettes.py

docs: setup ## regenerate screenshots and references
	@$(BIN)/python docs/generate.py

lock: ## resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet -o requirements.lock
	uv pip compile $(SDK_LOCK:.lock=.in) --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet -o $(SDK_LOCK)
	uv pip compile $(DOWNSTREAM_LOCK:.lock=.in) pyproject.toml --extra mock --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet -o $(DOWNSTREAM_LOCK)

clean: ## remove what the targets made
	rm -rf $(VENV) $(SDK_VENV) $(DOWNSTREAM_VENV) .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
