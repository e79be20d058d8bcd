# Each target does its own set-up. ARGS go to the command: make demo ARGS=--yes
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
ARGS ?=
TESTS ?= tests
# make simulate SEEDS=1..50 STEPS=40 WORKERS=2: STEPS is how many things happen in a story
SEEDS ?= 1..20
STEPS ?= 40
WORKERS ?= 2
# two processes by default: most tests wait for git, for a sandbox or for a disk
JOBS ?= 2

.PHONY: demo up stack stack-test test drills simulate check bench docs wheels format clean help

help:
	@echo "make demo [ARGS=--yes]   the whole loop on one machine, on a sample repository"
	@echo "make up                  the same services as a long-running process"
	@echo "make stack               the same services in containers, over RabbitMQ; says which page to open"
	@echo "make test [TESTS=tests]  the tests"
	@echo "make drills              kill -9 anywhere, deleted databases, frozen agents: the long ones, too"
	@echo "make simulate SEEDS=1..50  people, faults and crashes by seed; the shortest story that fails"
	@echo "make check               ruff, mypy, import-linter, generated docs current"
	@echo "make bench               figures and ratios"
	@echo "make docs                write the generated documents"
	@echo "make wheels              gatefleet and gatefleet-messages, into dist/"

$(VENV)/.runtime: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gatefleet needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv does not work here; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Setting up what tests and checks need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.runtime
	@$(BIN)/gatefleet demo $(ARGS)

up: $(VENV)/.runtime
	@$(BIN)/gatefleet up $(ARGS)

stack:
	@compose/start $(ARGS)

# builds the image, starts a stack under a name of its own, drills it, removes it; the long ones by night:
# .venv/bin/python -m pytest -m "stack and night" tests/compose
stack-test: $(VENV)/.dev
	@$(BIN)/python -m pytest -m "stack and not night" tests/compose $(ARGS)

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n $(JOBS) $(TESTS) $(ARGS)

simulate: $(VENV)/.dev
	@$(BIN)/python -m tests.simulation SEEDS=$(SEEDS) STEPS=$(STEPS) WORKERS=$(WORKERS) $(ARGS)

# the long ones, too: every kind of point, deleted databases, frozen agents, a real broker
drills: $(VENV)/.dev
	@$(BIN)/python -m pytest -n $(JOBS) -m "night or not night" tests/drills tests/broker $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@MYPYPATH=docs/examples $(BIN)/mypy docs/examples/escalation.py docs/examples/test_escalation.py
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m services.docs --check

docs: $(VENV)/.runtime
	@$(BIN)/python -m services.docs

# without what an earlier build left: setuptools would pack modules that are gone
wheels: $(VENV)/.dev
	@rm -rf build
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist . ./packages/gatefleet-messages
	@ls dist/*.whl

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# what other people use, in an environment of its own; where it cannot be had, its rows are not measured
$(PEERS)/.peers: pyproject.toml
	@echo "Setting up $(PEERS) (once) ..."
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]' && touch $@ || echo "The peers cannot be installed here: they are not measured."

bench: $(VENV)/.dev $(PEERS)/.peers
	@GATEFLEET_BENCH_PYTHON=$(PEERS)/bin/python $(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
