# Everything a user or CI needs; the README has the same in pip lines.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test long lint map bench clean

demo: $(VENV)/.run
	$(BIN)/corridor compare baseline-2023 fivefold --replications 3 --out out/demo
	$(BIN)/corridor report out/demo
	$(BIN)/corridor replay out/demo
	@echo "open in a browser: out/demo/report.html (the answer) and out/demo/replay.html (trains and ships on the map)"
	@echo "figures, metrics and logs are in out/demo; every table: corridor compare ... --full"

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal --nbmake --nbmake-timeout 3000 tests notebooks

long: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -m long tests

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

map: $(VENV)/.test
	$(BIN)/python docs/design/package_map.py

bench: $(VENV)/.test
	$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=median,iqr,rounds --quiet
	$(BIN)/python benchmarks/run.py

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable ".[test,lint]"
	touch $@

clean:
	rm -rf $(VENV) out
