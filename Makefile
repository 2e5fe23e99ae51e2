# Every target sets up what it needs; only Python 3.11 or newer, make and git have to be there.
VENV ?= .venv
# The first that runs: a version manager leaves names behind that only print an error.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$name" && break; done)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Empty is off: where compiled files are not kept, every run rewrites every test again.
export PYTHONDONTWRITEBYTECODE :=
QUICK := not docker and not act and not slow
# Whole commands, contracts, the hostile corpus, properties, the double's own tests, and those that
# start other programs (a target's interpreter, a load) or sweep a thousand pull requests are of
# `make test` alone.
UNIT := $(QUICK) and not hypothesis
NO_UNIT := --ignore tests/e2e --ignore tests/contracts --ignore tests/hostile --ignore tests/probes \
  --ignore tests/github_double --ignore tests/cli/test_sweep.py --ignore tests/stack/test_process.py \
  --ignore tests/doors/test_programs.py --ignore tests/checks/network/test_load.py \
  $(foreach part,migrations_* *_for_real histories_* connections_of_* every_engine \
    foreign_key_enforcement,--ignore-glob '*/test_$(part).py')

# Two for each processor: a quarter of their time unit tests wait for time-outs and threads.
TWO_EACH = $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

.DEFAULT_GOAL := help
.PHONY: help demo test unit e2e lint format bench engine lock docs clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/development.txt pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=...)"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check --quiet --disable-pip-version-check
	@command -v npm >/dev/null && npm ci --silent --prefix tests/github_double --ignore-scripts --no-audit --no-fund || echo "npm is not here: the double's schema tests will be skipped by name"
	@touch $@

demo: $(READY) ## The clinic without Docker: first blocked, then ready
	$(BIN)/python -m examples.demo

unit: $(READY) ## The unit tests of every room
	$(BIN)/python -m pytest -n $(TWO_EACH) --dist worksteal -m "$(UNIT)" $(NO_UNIT)

test: $(READY) engine-if-possible ## Unit, contract and property tests, and one end-to-end test per family
	$(BIN)/python -m pytest -n auto --dist worksteal -m "$(QUICK)"
	$(BIN)/python -m pytest -m "docker and not slow and not act"

e2e: $(READY) engine-if-possible ## Every whole stack, and the action under a local runner
	$(BIN)/python -m pytest -m "slow or act"

lint: $(READY) ## Format, lint, types, workflows and the action's metadata
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/zizmor --offline --quiet action.yml composite .github examples
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml composite/action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*/.github/workflows/*.yml

format: $(READY) ## Write the format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## Figures beside named peers; nothing is asserted
	$(BIN)/python -m benchmarks

engine: $(READY) ## A Docker engine, compose and the images that the tests need
	$(BIN)/python -m tests.docker_engine

.PHONY: engine-if-possible
engine-if-possible: $(READY)
	@$(BIN)/python -m tests.docker_engine || test $$? -eq 3

docs: $(READY) ## Write docs/checks/ from the catalogue
	$(BIN)/python -m tests.generated_docs --write

lock: $(READY) ## Write the lock files again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra openapi pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra openapi pyproject.toml requirements/development.in -c requirements/runtime.txt -o requirements/development.txt

clean: ## Remove what was built and cached
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
