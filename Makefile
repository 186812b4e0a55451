# Two commands: `make demo` shows the system at work, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := env -u PYTHONPATH -u PYTHONDONTWRITEBYTECODE
# two processes, each with a PostgreSQL of its own; a file stays in one, as its fixtures do
TESTS := $(RUN) $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: demo test lint check deep bench clean

demo: $(VENV)/.server
	$(RUN) $(BIN)/amis demo

test: $(VENV)/.dev
	$(MAKE) --no-print-directory lint
	$(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.dev
	AMIS_COUNTS=check $(TESTS)

deep: $(VENV)/.dev
	AMIS_COUNTS=deep $(TESTS) --hypothesis-seed=$$(date +%s)
	$(RUN) $(BIN)/python -m tests.mutation

bench: $(VENV)/.dev
	$(RUN) $(BIN)/python -m tests.bench

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.server: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[server]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt tests/machine.sh | $(VENV)/bin/pip
	sh tests/machine.sh
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.server

clean:
	rm -rf $(VENV) var build dist
