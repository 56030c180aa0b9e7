# README's two commands: `make demo` and `make test`. Each makes .venv and installs into it when needed.
VENV := .venv
PY := $(VENV)/bin/python
BOOTSTRAP ?= $(shell command -v python3.11 || command -v python3)
READY := $(VENV)/.ready
DEMO := build/demo

.PHONY: demo test lint types clean

$(READY): pyproject.toml constraints.txt
	$(BOOTSTRAP) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hmu-bench needs Python 3.11 or newer")'
	test -x $(PY) || $(BOOTSTRAP) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@

demo: $(READY)
	$(PY) -m builders demo --out $(DEMO)

test: lint types
	$(PY) -m pytest -n 2 --dist loadfile

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(READY)
	$(PY) -m mypy

clean:
	rm -rf build dist .venv
