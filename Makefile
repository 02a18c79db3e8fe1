# `make` alone lists what there is. Variables: VENV (the environment), WORKERS (tests at once), PYTHON, ARGS.
VENV ?= .venv
WORKERS ?= 2
ARGS ?=

BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-config
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.SILENT:
.DELETE_ON_ERROR:
.PHONY: help demo install hooks test check lint types contracts house format docs texts bench lock clean

help: ## List these commands
	sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: $(RUNTIME) ## Try Baton in a local Slack in your browser; no account, no token
	$(BIN)/baton demo $(ARGS)

install: $(DEV) ## Make the environment with everything that work on Baton needs
	echo "Ready: $(BIN)/baton --help"

hooks: ## Check the style of staged files before each commit
	tools/hooks

# In the order of the folders: by number of tests, the longest stories of all would come last, on one worker alone.
test: $(DEV) ## Run every test (ARGS="tests/rules -x" for some)
	tools/chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint types contracts house ## Lint, types, contracts and house tests (make -k check shows all that fails)

lint: $(DEV) ## Check style and format
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check . || { echo "Run make format to mend the files above."; exit 1; }

types: $(DEV) ## Check types
	$(BIN)/mypy

contracts: $(DEV) ## Check that imports point one way
	$(BIN)/lint-imports --no-cache --no-logo

house: $(DEV) ## Run the tests of the repository itself
	$(BIN)/python -m pytest --quiet tests/house

format: $(DEV) ## Mend style and format
	$(BIN)/ruff check --quiet --fix . || true
	$(BIN)/ruff format --quiet .

docs: $(DEV) ## Make docs/features.md and docs/commands.md
	$(BIN)/python -m tools.features
	$(BIN)/python -m tools.commands

texts: $(DEV) ## Make locales/baton.pot, every sentence that people read
	$(BIN)/python -m tools.texts

bench: $(DEV) ## Measure Baton on this machine (ARGS="filing alerts" for some)
	$(BIN)/python -m bench $(ARGS)

lock: $(DEV) ## Choose the newest releases that pyproject.toml admits (ARGS="--upgrade-package NAME" for one)
	$(COMPILE) $(or $(ARGS),--upgrade) --group build -o requirements.lock pyproject.toml
	$(COMPILE) $(or $(ARGS),--upgrade) --group build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove the environment and everything that tools left behind
	[ ! -f $(VENV)/pyvenv.cfg ] || rm -rf $(VENV)
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.lock pyproject.toml setup.py
	tools/environment $(VENV) requirements.lock
	touch $@

# The larger environment holds the smaller one: the demo then has nothing left to install.
$(DEV): requirements-dev.lock pyproject.toml setup.py
	tools/environment $(VENV) requirements-dev.lock
	touch $(RUNTIME) $@
