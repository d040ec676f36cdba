# Two commands: `make run` (the wizard on its sandbox) and `make test` (everything). Both set up what they need in .venv.
PYTHON ?= python3
CLIENT ?=
VENV := .venv
BIN := $(VENV)/bin
DEMO := setup --sandbox --sample $(if $(CLIENT),--client $(CLIENT))
STAMP := $(VENV)/.installed
NEEDS_VENV := This needs Python 3.11 to 3.13 with venv. On Debian or Ubuntu: sudo apt-get install -y python3-venv

.PHONY: run test check lint types contracts bench clean

# In a terminal: the wizard, and the sandbox stays for the work that follows. Without one: the whole set-up, unattended.
run: $(STAMP)
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/mlops-wizard $(DEMO); fi; \
	  code=0; $(BIN)/mlops-wizard $(DEMO) --yes || code=$$?; $(BIN)/mlops-wizard sandbox stop >&2; exit $$code

test: $(STAMP) $(VENV)/.tested
	@$(BIN)/python -I tests/run.py

check: lint types contracts

lint: $(VENV)/.tested
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.tested
	@$(BIN)/mypy

contracts: $(VENV)/.tested
	@$(BIN)/lint-imports

bench: $(VENV)/.tested
	@$(BIN)/python -I tests/benchmarks/bench.py

$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	  || { echo "$(NEEDS_VENV)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml | $(BIN)/python
	@echo "Installing mlops-wizard into $(VENV) (once; a minute or less) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all]'
	@touch $@

$(VENV)/.tested: pyproject.toml $(STAMP)
	@echo "Installing what the tests need into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

clean:
	rm -rf $(VENV)
