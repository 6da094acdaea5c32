# The two commands that matter are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
RUN ?=
SIZES ?=

.DEFAULT_GOAL := help
.PHONY: help run runs test test-spark bench viz site jupyter dictionary lint format lock clean

help:  ## show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

run: .venv/installed  ## run the main job: tables → model → segments → offers → report (RUN="--params raw=PATH,snapshot=NAME")
	$(BIN)/kedro run $(RUN)

runs: .venv/installed  ## show past runs side by side
	$(BIN)/kedro runs

test: .venv/installed-dev  ## run the tests that this machine can run
	$(BIN)/pytest -n 2 --dist loadfile

.venv-spark/installed: requirements-dev.lock requirements-spark.lock
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.lock
	.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test-spark: .venv-spark/installed  ## run the tests on Spark, in an environment of its own (needs Java 17)
	.venv-spark/bin/pytest tests/engines -m spark

bench: .venv/installed-dev  ## time the main steps at sizes that a laptop bears (SIZES="10000 100000" for other shops)
	$(BIN)/python -m benchmarks.main_job data/01_raw/sample quick
	$(BIN)/python -m benchmarks.modelling_scoring
	$(BIN)/python -m benchmarks.explain_speed data/01_raw/sample
	$(BIN)/python -m benchmarks.dirty_rows
	$(BIN)/python -m benchmarks.scaling $(SIZES)

viz: .venv/installed  ## open the graph of the main job in a browser, folded by stage
	$(BIN)/python -m oneclick.makers.viz

site: .venv/installed  ## write report and graph as static pages into site/ (SITE="--snapshot NAME")
	PYTHONHASHSEED=0 $(BIN)/python -m oneclick.makers.site $(SITE)  # kedro-viz lists in the order of sets

jupyter: .venv/installed  ## open the notebooks
	$(BIN)/kedro jupyter lab

dictionary: .venv/installed  ## write docs/data_dictionary.md from schemas, catalog and cleaning rules
	$(BIN)/python -m oneclick.makers.dictionary

lint: .venv/installed-dev  ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev  ## write the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## choose the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes --extra dev --extra warehouse pyproject.toml --output-file requirements-dev.lock
	echo 'pyspark~=4.0.0' | uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes - --output-file requirements-spark.lock

clean:  ## remove what runs and checks have left behind, but no data
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
