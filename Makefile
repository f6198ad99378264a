# `make train` and `make test` need Python 3.11 to 3.13, make and a package index; nothing else.
# Everything is installed into .venv; the stamps in it say for which setup.cfg.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3 python3.13 python3.12 python3.11
SEEDS ?= 0

.PHONY: help train test install check fix docs notebooks test-slow test-browser test-ray test-gpu golden bench results resolve clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

train: $(VENV)/.installed  ## train on the bundled workspace, print the model's path, list all models
	$(BIN)/lvmh-jax train
	$(BIN)/lvmh-jax list

test: $(VENV)/.installed-dev  ## the tests that every change must pass
	$(BIN)/python -m pytest -n 2

test-slow: $(VENV)/.installed-dev  ## the tests that take long
	$(BIN)/python -m pytest -m "slow and not gpu and not browser and not ray"

test-browser: $(VENV)/.installed-dev  ## check pages in a headless Chromium; skipped if there is none
	$(BIN)/python -m pytest -m browser

test-ray: $(VENV)/.installed-ray  ## `--runner ray` on a cluster of this machine, workers killed
	$(BIN)/python -m pytest -m ray

test-gpu: $(VENV)/.installed-dev  ## the tests that need an accelerator: JAX_PLATFORMS=cuda make test-gpu
	$(BIN)/python -m pytest -m gpu

install: $(VENV)/.installed-dev  ## .venv with everything that a developer needs

check: $(VENV)/.installed-dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/.installed-dev  ## what ruff can fix by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-docs  ## the pages of docs/ into site/; a broken link fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

notebooks: $(VENV)/.installed-dev  ## run the notebooks from top to bottom
	$(BIN)/python -m pytest -m "slow or not slow" tests/test_notebooks.py

golden: $(VENV)/.installed-dev  ## rewrite tests/golden/; the commit says why it changed
	$(BIN)/python -m pytest tests --rewrite-golden

bench: $(VENV)/.installed-bench  ## detection on 20,000 synthetic notes; training beside PyTorch (PEERS_PYTHON=...: and peers)
	$(BIN)/python benchmarks/synthetic.py --lexicon taxonomy/lexicon_v1.json --notes 20000 --out build/bench
	bash -c 'time $(BIN)/lvmh-jax detect --model-path best --models-dir models --workspace build/bench'
	$(BIN)/python benchmarks/training.py $(if $(PEERS_PYTHON),--peers-python $(PEERS_PYTHON))

results: $(VENV)/.installed-dev  ## the main tables of RESULTS.md, without peers; needs ../shared; SEEDS="0 1 2"
	$(BIN)/python benchmarks/quality.py --seeds $(SEEDS)
	$(BIN)/python benchmarks/partial.py
	$(BIN)/python benchmarks/stages.py
	$(BIN)/python benchmarks/curation.py --seed 1
	$(BIN)/python benchmarks/polarity.py
	$(BIN)/python benchmarks/pruning.py
	$(BIN)/python benchmarks/linking.py --seeds $(SEEDS)
	$(BIN)/python benchmarks/ablations.py --seeds $(SEEDS)
	$(BIN)/python benchmarks/speed.py

resolve: $(BIN)/python  ## do the dependencies resolve on every Python we name? (pip dry run)
	@for version in 3.11 3.12 3.13; do \
	  $(BIN)/python -m pip install --quiet --dry-run --ignore-installed --only-binary=:all: \
	    --python-version $$version --target build/resolve . && echo "$$version resolves" || exit 1; \
	done

clean:  ## remove what make made; models stay
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

$(VENV)/.installed-ray: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,ray]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-dev

$(VENV)/.installed-bench: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@ $(VENV)/.installed

# A Python on PATH may be too old, a broken shim, or (Debian) lack ensurepip.
$(BIN)/python:
	@chosen=; bare=; \
	for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then chosen="$$python"; break; fi; \
	  bare="$$python"; \
	done; \
	if [ -z "$$chosen" ] && [ -n "$$bare" ]; then \
	  echo "Error: $$bare cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; \
	elif [ -z "$$chosen" ]; then \
	  echo "Error: no Python 3.11, 3.12 or 3.13 on PATH; install one (Debian 12: apt install python3 python3-venv) or say make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	rm -rf $(VENV); "$$chosen" -m venv $(VENV)
