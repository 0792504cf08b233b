# make run: serve the workbench. make test: everything in ten minutes. make test-all: the slow checks too.
SHELL := /bin/bash
PY := $(firstword $(shell command -v python3.11 python3.12 python3.13 2>/dev/null))
VENV := .venv/bin
PORT ?= 8501
# Two processes, a file of tests never in both: what a file builds once stays built once. Files go in their order, in which
# the browser's, which take longest, are early.
AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder

# Bytecode is made when a module is first imported: tests import a fifth of the 15,000 that are installed.
test test-all lint: PIP_OPTIONS := --no-compile

.PHONY: run test pytest test-all lint chromium programs bench bench-peers screens lock sbom clean

run: .venv/.runtime
	$(VENV)/python -m workbench serve --demo --port $(PORT)

# Lint runs beside the tests: mypy takes one core for a minute, and tests wait for a browser now and then.
test: .venv/.dev chromium
	$(MAKE) --no-print-directory -j 2 lint pytest

pytest: .venv/.dev
	$(VENV)/python -m pytest $(AT_ONCE)

test-all: .venv/.test-all chromium programs lint
	THOROUGH=1 $(VENV)/python -m pytest -m "" $(AT_ONCE)

lint: .venv/.dev
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	PYTHONPATH=. $(VENV)/lint-imports --no-cache

.venv/bin/python:
	@test -n "$(PY)" || { echo "No python3.11, 3.12 or 3.13 on the PATH. Install one (Debian: apt install python3.11-venv; macOS: brew install python@3.12), then run make again."; exit 1; }
	$(PY) -m venv .venv

# torch goes in first and alone: a resolver that meets it as a dependency may choose another build of it.
# The lock names every other package with its hashes; pip takes no other file for one.
.venv/.runtime: requirements.txt requirements.lock | .venv/bin/python
	$(VENV)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) "$$(grep '^torch==' requirements.txt)"
	$(VENV)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) --require-hashes --no-deps -r requirements.lock
	touch $@

.venv/.dev: requirements-dev.txt requirements-mcp.txt .venv/.runtime
	$(VENV)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements-dev.txt
	touch $@

.venv/.test-all: requirements-test-all.txt requirements-postgres.txt requirements-ray.txt .venv/.dev
	$(VENV)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements-test-all.txt
	touch $@

.venv-tools/.installed: requirements-tools.txt
	@test -n "$(PY)" || { echo "No python3.11, 3.12 or 3.13 on the PATH."; exit 1; }
	$(PY) -m venv .venv-tools
	.venv-tools/bin/pip install --quiet --disable-pip-version-check -r requirements-tools.txt
	touch $@

# requirements.lock anew: after each change of requirements.txt.
lock: .venv-tools/.installed
	{ echo '# Every package of requirements.txt and what these need, with hashes; torch goes in first (README, "Installing"). Made by: make lock'; \
	.venv-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-package torch --no-header requirements.txt; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

# What is shipped, as CycloneDX: sbom.cdx.json.
sbom: .venv-tools/.installed
	{ grep '^torch==' requirements.txt; cat requirements.lock; } | .venv-tools/bin/cyclonedx-py requirements --output-reproducible --of JSON -o sbom.cdx.json -

# All benchmarks, small, within ten minutes on two cores; the table goes to docs/benchmarks.md. Peers: make bench-peers.
bench: .venv/.dev
	$(VENV)/python benchmarks/bench.py

# Pictures of every page of the demo, light and dark: docs/screens.
screens: .venv/.dev chromium
	$(VENV)/python -m tests.support.screens

# The peers of benchmarks/clusters.py and end_to_end.py, apart from the workbench's own packages.
bench-peers: .venv-bench/.installed

.venv-bench/.installed: requirements-bench.txt requirements.txt
	@test -n "$(PY)" || { echo "No python3.11, 3.12 or 3.13 on the PATH."; exit 1; }
	$(PY) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.txt)"
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	else echo "CHROMIUM IS MISSING: the browser tests will be skipped. Install it (Debian: apt install chromium)."; fi

# Programs that the slow tests drive; those that are missing skip their tests, loudly.
programs:
	@command -v soffice libreoffice >/dev/null || missing="libreoffice-calc"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq $$missing >/dev/null; \
	else echo "MISSING: $$missing. What is tested with them will be skipped. Install them (Debian: apt install $$missing)."; fi

clean:
	rm -rf .venv data/store
