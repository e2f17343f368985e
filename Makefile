# Everything from a fresh clone, with python3 (3.11 or later) and make.
#   make demo    the whole loop, ending with runs/demo/report.html
#   make test    the whole test suite
#   make nightly 10,000 seeds of the simulated machine, and 10,000 of the budget
#   make check   format, lint, types, import law, tests: what CI runs

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
READY  := $(VENV)/ready

.PHONY: help setup test nightly demo check clean
help:
	@sed -n 's/^#   //p' Makefile

setup: $(READY)

# torch goes first, by its exact version, so that pip takes the CPU build where one is at hand.
$(READY): pyproject.toml constraints.txt .ci/chromium
	@$(PYTHON) -c 'import sys; sys.exit("datawell needs Python 3.11 or later; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: installing into $(VENV) (once; some minutes)"
	@$(PIP) setuptools torch
	@$(PIP) -e '.[all,dev]'
	@.ci/chromium
	@touch $@

test: setup
	@$(BIN)/python -m pytest

nightly: setup
	@$(BIN)/python scripts/simulate.py --seeds 10000 --money 10000

demo: setup
	@bash scripts/demo.sh

check: setup
	@./check

# Run folders stay: they hold paid answers.
clean:
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
