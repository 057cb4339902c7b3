# Two commands to start with: `make audit` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ORGANIZATION ?= Marigold & Daughters
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

.PHONY: help
help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) found. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[lab,dashboard]'
	@touch $@

$(VENV)/.installed-test: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[lab,dashboard,test]'
	@touch $@

.PHONY: install
install: $(STAMP) ## the environment, with JupyterLab and Voila

audit.duckdb: $(STAMP)
	$(BIN)/audit sample --store $@

.PHONY: audit
audit: $(STAMP) audit.duckdb ## install, build the sample portfolio, audit one account of it
	$(BIN)/audit run "$(ORGANIZATION)" --store audit.duckdb

.PHONY: lab
lab: $(STAMP) audit.duckdb ## open the notebook in JupyterLab
	$(BIN)/jupyter lab notebooks/account_audit.ipynb

.PHONY: dashboard
dashboard: $(STAMP) audit.duckdb ## the team's page over audit.duckdb, on this machine
	$(BIN)/audit dashboard --store audit.duckdb --name "$${USER:-me}"

.PHONY: test
test: $(VENV)/.installed-test ## all tests
	$(BIN)/python -m pytest -n auto

.PHONY: system
system: ## Debian packages that some tests need (as root)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium postgresql nginx-light \
			$$(command -v systemd-analyze >/dev/null || echo systemd); \
	else echo "make system needs root and apt-get; install chromium, postgresql, nginx and systemd yourself, or go without: their tests are skipped."; exit 1; fi

.PHONY: lint
lint: $(VENV)/.installed-test ## ruff, check and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.installed-test ## mypy, strict
	$(BIN)/mypy

.PHONY: layers
layers: $(VENV)/.installed-test ## one direction of imports
	$(BIN)/lint-imports

.PHONY: docs
docs: $(VENV)/.installed-test ## regenerate docs/tables.md, facts.md, checks.md, rules.md and the notebooks
	$(BIN)/python -m audit.docs
	$(BIN)/python notebooks/build.py

.PHONY: bench
bench: $(VENV)/.installed-test ## speed and memory, as ratios where it can be
	$(BIN)/python benchmarks/speed.py

.PHONY: engine
engine: $(VENV)/.installed-test ## the warm engine beside papermill's own with nbconvert
	$(BIN)/python benchmarks/engine.py

.PHONY: many
many: $(VENV)/.installed-test ## 1,000 accounts end to end: rate, and memory from first to last
	$(BIN)/python benchmarks/many.py

.PHONY: kills
kills: $(VENV)/.installed-test ## 50 random kills over a batch of 200 accounts
	$(BIN)/python benchmarks/kills.py

.PHONY: visits
visits: $(VENV)/.installed-test ## the dashboard beside stock Voila, in a browser
	$(BIN)/python benchmarks/dashboard.py

.PHONY: cluster
cluster: $(VENV)/.installed-test ## a batch on a Dask scheduler and two workers, one killed
	$(BIN)/python -m pytest tests/batch/test_cluster.py

.PHONY: noise
noise: $(VENV)/.installed-test ## false alarms and power of the spike and step detection
	$(BIN)/python benchmarks/spikes.py

.PHONY: forecast
forecast: $(VENV)/.installed-test ## the forecast against simple ones, on real series; into docs/backtest.md
	$(BIN)/python benchmarks/forecast.py --publish docs/backtest.md
	$(BIN)/python benchmarks/choice.py --publish docs/backtest.md

.PHONY: paths
paths: $(VENV)/.installed-test ## simulated billing periods of a year, on real series; into docs/paths.md
	$(BIN)/python benchmarks/paths.py --publish docs/paths.md

.PHONY: plan
plan: $(VENV)/.installed-test ## the annual plan against closed forms, and its speed
	$(BIN)/python benchmarks/prepaid.py

.PHONY: corpus
corpus: $(VENV)/.installed-test ## precision, recall and dollar error of every check on planted faults
	PYTHONPATH=benchmarks $(BIN)/python -m corpus $(CORPUS)

.PHONY: lock
lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra lab --extra dashboard --extra test --universal \
		--python-version 3.11 --no-emit-index-url --no-annotate --no-header -o requirements.lock

.PHONY: clean
clean: ## remove the environment, the sample store and reports
	rm -rf $(VENV) audit.duckdb audit.duckdb.lock
