# Everything a person does here, a line each: `make help`.
PYTHON ?= python3
BIN := .venv/bin
# The tests wait for servers more than they compute.
WORKERS := $(shell $(PYTHON) -c 'import os; print(max(4, os.cpu_count() or 1))')
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run matrix test lint bench docs lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## open the local workspace with the sample agencies (set-up included)
	@$(BIN)/python -m bot local

matrix: .venv/dev.stamp ## a homeserver on this machine with the sample agencies and Comity, to try it with Element
	@$(BIN)/python -m tests.matrix_home

test: .venv/dev.stamp ## the whole test suite, on SQLite and on a real PostgreSQL (set-up included)
	@$(BIN)/python -m pytest -n $(WORKERS)

lint: .venv/dev.stamp ## style, strict types, import contracts, stale documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.docs --check

bench: .venv/dev.stamp ## the figures, each beside its floor of the same run
	@$(BIN)/python -m bench

docs: .venv/dev.stamp ## write what is generated: docs/commands.md, the README's transcript and picture
	@$(BIN)/python -m tests.docs

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile -q pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements/run.txt
	uv pip compile -q pyproject.toml --upgrade --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements/dev.txt

clean: ## take away the environment; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/run.stamp: requirements/run.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up (once) ..."
	@$(PIP) -r requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up (once) ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@ .venv/run.stamp
