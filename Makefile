# make run: everything is installed and served. make test: everything is checked. The README says more.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
EXTENSION := $(filter-out extension/dist extension/node_modules extension/screenshots extension/store,$(wildcard extension/*)) $(shell find extension/src extension/icons extension/locales -type f 2>/dev/null)
SHARED_TESTS := tests/server/api tests/server/jobs tests/server/pages tests/server/population tests/server/store $(wildcard tests/server/test_*.py)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint bench demo package evaluate fit test-networks test-shared test-cluster format clean
.DEFAULT_GOAL := run

run: $(STAMPS)/run extension/dist/built
	@$(BIN)/python -m server

test: $(STAMPS)/test extension/dist/built $(STAMPS)/browsers
	$(BIN)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(STAMPS)/test extension/dist/built
	$(BIN)/ruff format --check server tests
	$(BIN)/ruff check server tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent lint --prefix extension

bench: $(STAMPS)/test extension/dist/built $(STAMPS)/browsers
	$(BIN)/python -m tests.benchmarks $(ARGS)

evaluate: $(STAMPS)/test
	@test -n "$(DATA)" || { echo "Say on which data: make evaluate DATA=folder (with influence/ and engagement/ in it)"; exit 2; }
	$(BIN)/python -m tests.evaluation $(DATA) $(ARGS)

fit: $(STAMPS)/test
	@test -n "$(DATA)" || { echo "Say on which data: make fit DATA=folder (with influence/pairs.csv in it)"; exit 2; }
	$(BIN)/python -m tests.evaluation.fit $(DATA)

demo: $(STAMPS)/test extension/dist/built $(STAMPS)/browsers
	$(BIN)/python -m tests.demo $(ARGS)

package: extension/node_modules/installed
	npm run --silent package --prefix extension

test-networks: $(STAMPS)/test extension/dist/built $(STAMPS)/browsers
	PYTHON=$(CURDIR)/$(BIN)/python tests/networks/run.sh

test-shared: $(STAMPS)/test extension/dist/built $(STAMPS)/browsers
	RAPPORT_TEST_SHARED=1 $(BIN)/python -m pytest -q -n 4 --dist loadfile $(SHARED_TESTS) $(ARGS)

test-cluster: $(STAMPS)/test
	PYTHON=$(CURDIR)/$(BIN)/python tests/cluster/run.sh

format: $(STAMPS)/test
	$(BIN)/ruff format server tests
	$(BIN)/ruff check --fix server tests

clean:
	rm -rf build $(VENV) extension/dist extension/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Rapport needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=…") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: tests/requirements.txt requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r tests/requirements.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/run

$(STAMPS)/browsers: tests/browser/browsers.sh | $(STAMPS)/test
	PYTHON=$(BIN)/python sh tests/browser/browsers.sh install
	@mkdir -p $(STAMPS) && touch $@

extension/node_modules/installed: extension/package.json extension/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Rapport needs Node 20 or newer; this is $$(node --version)."; exit 1; }
	npm ci --silent --no-audit --no-fund --prefix extension
	@touch $@

extension/dist/built: extension/node_modules/installed $(EXTENSION)
	npm run --silent build --prefix extension
	@touch $@
