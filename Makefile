# `make demo` and `make test` set up the environment, on a machine with Python, make and a network.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready

.PHONY: demo test test-all docs check format benchmarks clean

# uv is installed into the environment. Bytecode is compiled at once, that of Plexus too: with PYTHONDONTWRITEBYTECODE
# set, Python would compile TensorFlow at every import, which doubles the time.
PACKAGES := core $(wildcard plugins/*) apps

$(READY): pyproject.toml constraints.txt $(PACKAGES:%=%/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip setuptools uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint constraints.txt $(PACKAGES:%=--editable %) '.[dev]'
	$(BIN)/python -m compileall -q $(PACKAGES:%=%/src)
	touch $@

demo: $(READY)
	$(BIN)/plexus demo

# Tests that take more than some seconds are marked slow: `make test` skips them, `make test-all` runs them. Python may
# write bytecode, so that not every process compiles all test files. Tests marked alone run first, without others beside
# them; only their files are collected. `make test-all SKIP="and not long"`, as `.ci/run` has it, skips those of more
# than 100 seconds, too.
test test-all: export PYTHONDONTWRITEBYTECODE =
ALONE = $$(grep -rl --include='test_*.py' 'mark.alone' core plugins apps)

test: $(READY)
	$(BIN)/pytest -m "alone and not slow" $(ALONE)
	$(BIN)/pytest -m "not alone and not slow" --numprocesses auto --dist loadgroup --no-loadscope-reorder

test-all: $(READY)
	$(BIN)/pytest -m alone $(ALONE)
	$(BIN)/pytest -m "not alone $(SKIP)" --numprocesses auto --dist loadgroup --no-loadscope-reorder

docs: $(READY)
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/licences.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

# Bandit's B704 is ruff's S704, whose exceptions are marked in the code.
check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pydoclint core/src apps/src $(wildcard plugins/*/src)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --severity-level medium --skip B704 --recursive core/src apps/src $(wildcard plugins/*/src)
	$(BIN)/python docs/licences.py --check

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(READY)
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/latency.py
	$(BIN)/python benchmarks/clustering.py
	$(BIN)/python benchmarks/large_table.py

clean:
	rm -rf $(VENV) runs demo build dist
