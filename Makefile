# The one door. On a fresh machine Python 3.11 or newer and make are enough: `make demo`, `make test`.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
BIN := .venv/bin
N ?= 20000
RUNS := .venv/.runs
READY := .venv/.ready
PEERS := .venv/.bench-ready

.PHONY: demo test soak lint format docs bench clean

demo: $(RUNS)             ## from text to sent letter, on a sample
	$(BIN)/python -m interpreter.demo

test: $(READY)            ## everything; ends with the summary of pytest
	$(BIN)/python -m pytest -n 2 $(ARGS)

soak: $(READY)            ## random histories by the thousand, hours of them; a short one: N=200; every part ends with its count of defects
	set -e; for script in tests/*/soak_*.py; do echo "== $$script"; $(BIN)/python -m "$$(echo "$${script%.py}" | tr / .)" $(N); done

lint: $(READY)            ## ruff, formatting, mypy strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)          ## put the Python files in order
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: $(READY)            ## docs/reference anew from the code
	$(BIN)/python -m interpreter.docs

bench: $(PEERS)           ## how fast, against what one would take instead; a part of it: ARGS="W1 W2 --peers huey --scale 0.1"
	$(BIN)/python -m bench --json bench/results.json $(ARGS)

clean:                    ## the environment and all caches
	rm -rf .venv .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp is newer than what it was made from, so nothing is installed twice. The demo needs scn alone, at the versions that are tested.
$(RUNS): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "scn needs Python 3.11 or newer, and none was found; name one: make PYTHON=/path/to/python" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements/dev.txt -e .
	touch $(RUNS)

$(READY): $(RUNS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $(READY)

# Without the others there are still figures of scn: the table says who was not installed.
$(PEERS): $(READY) requirements/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt \
		&& touch $(PEERS) || echo "the others could not be installed; scn is measured alone" >&2
