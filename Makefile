# Two commands: `make demo` shows the system at work, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := env -u PYTHONPATH

.PHONY: demo test lint check deep bench clean

demo: $(VENV)/.server
	$(RUN) $(BIN)/amis demo

test: $(VENV)/.dev
	sh tests/machine.sh
	$(MAKE) --no-print-directory lint
	$(RUN) $(BIN)/python -m pytest -q

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.dev
	sh tests/machine.sh
	AMIS_COUNTS=check $(RUN) $(BIN)/python -m pytest -q

deep: $(VENV)/.dev
	sh tests/machine.sh
	AMIS_COUNTS=deep $(RUN) $(BIN)/python -m pytest -q --hypothesis-seed=$$(date +%s)

bench: $(VENV)/.dev
	$(RUN) $(BIN)/python -m tests.bench

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.server: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[server]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.server

clean:
	rm -rf $(VENV) var build dist
