# afterstrike: `make brief` and `make test` do everything on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-ready
DEV_STAMP := $(VENV)/.dev-ready
SAMPLE ?= desert-strikes
OUT ?= out

.PHONY: help setup brief demo test slow lint bench docs lock browser measure recovery studies clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/uv: requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "afterstrike needs Python 3.11 or newer, this is %d.%d; try: make PYTHON=python3.12 brief" % v[:2])'
	@echo "Setting up in $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

# The project itself is installed without its own build environment: hash mode refuses to fetch one.
$(RUN_STAMP): $(VENV)/bin/uv requirements/run.lock pyproject.toml
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements/run.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(DEV_STAMP) ## the environment for work on afterstrike, in .venv

brief: $(RUN_STAMP) ## the main job on the shipped sample article; SAMPLE=name, OUT=folder
	@$(BIN)/afterstrike brief --sample $(SAMPLE) -o $(OUT)

demo: $(RUN_STAMP) ## a newsroom on this machine: sample record, a watch of a sample press, the web app
	@$(BIN)/python tools/demo.py

test: $(DEV_STAMP) ## lint, types, layers and the tests, without the slow ones
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

slow: $(DEV_STAMP) ## the tests that take longer than ten seconds each
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

lint: $(DEV_STAMP) ## mend what can be mended, report the rest
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/audit.py

bench: $(DEV_STAMP) ## measure speed and memory; writes benchmarks/results
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

measure: $(DEV_STAMP) ## measure accuracy on ../shared; prints the tables the docs quote
	@for what in gazetteer reading masking coding verdicts; do $(BIN)/python tools/measure_$$what.py || exit 1; done

recovery: $(DEV_STAMP) ## known effects in simulated theatres, hours; writes benchmarks/results/*recovery*
	@for what in recovery policies interventions; do $(BIN)/python tools/measure_$$what.py || exit 1; done

studies: $(DEV_STAMP) ## the studies of docs/studies.md and docs/studies-interventions.md on ../shared
	@$(BIN)/python tools/run_studies.py all
	@$(BIN)/python tools/run_interventions.py

docs: $(DEV_STAMP) ## write the generated pages of docs/ anew
	@$(BIN)/python tools/make_docs.py

browser: ## install Chromium and an Arabic font with apt (Debian, Ubuntu), for the browser tests
	apt-get update -q && apt-get install -y -q -o DPkg::Lock::Timeout=300 chromium fonts-noto-core

lock: $(DEV_STAMP) ## write the lock files anew
	@PATH="$(CURDIR)/$(BIN):$$PATH" tools/lock.sh

clean: ## remove the environment and what the sample wrote
	rm -rf $(VENV) $(OUT)
