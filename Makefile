# Every command a newcomer needs. `make` alone lists them.

PYTHON ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
# Half of the tests wait for servers: two processes for each core, four at most.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, 2 * (os.cpu_count() or 1)))')
ROOMS := activities cli engine models rulebook workflows
# The tests start some hundred processes: each would compile every module again where compiled ones are not kept.
COMPILED := PYTHONDONTWRITEBYTECODE=
BIN := .venv/bin
LOCK := pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-all test-dates test-long mutate lint format bench lock clean

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: .venv/.stamp ## Make .venv with every dependency, checked against its hash

.venv/.stamp: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Tousu needs Python 3.11 or newer; point make at one: make PYTHON=python3.12 $(MAKECMDGOALS)")'
ifeq ($(UV),)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
else
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	@touch $@

demo: setup ## Rehearse the stories, then work real cases to closure on a real server
	$(BIN)/python starter.py demo

up: setup ## Keep server, worker, codec server and Web UI running until Ctrl-C
	$(BIN)/python starter.py up

test: WHICH := not slow and not long
test-all: WHICH := not long
test: setup ## Run the tests, several files at a time (WORKERS=0: in one process)
test-all: setup ## Run the slow ones too: further cases, races, most of what company rules add
test test-all:
	@$(BIN)/python -m compileall -q $(ROOMS)
	$(COMPILED) $(BIN)/pytest -m "$(WHICH)" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-dates: setup ## Run all that begins at the present at 14 other starts: year's end, spring festival, 29 February, 23:50
	$(COMPILED) $(BIN)/python -m tests.dates --workers $(WORKERS)

test-long: setup ## Run fuzzing and soak tests, and die at every step
	$(COMPILED) $(BIN)/pytest -m long

mutate: setup ## Change the arithmetic of limits in 400 small ways and count those that no test notices
	$(BIN)/mutmut run --max-children 2 "rulebook.duty.*"
	$(BIN)/mutmut run --max-children 2 $$($(BIN)/python -m tests.rulebook.mutants sample 400)
	$(BIN)/python -m tests.rulebook.mutants score

lint: setup ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## Rewrite the code in our format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: setup ## Measure this machine
	@for file in benchmarks/[a-z]*; do $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; done

lock: ## Resolve both requirements files again (needs uv)
	$(or $(UV),$(error make lock needs uv)) $(LOCK) --output-file requirements.txt
	$(UV) $(LOCK) --extra dev --output-file requirements-dev.txt

clean: ## Remove everything that make made; records in .tousu stay
	rm -rf .venv build mutants .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
