# `make demo` shows what ctlint does; `make test` runs all that CI runs. Both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEBIAN := desktop-file-utils dash busybox git npm graphviz chromium chromium-driver docker-registry skopeo umoci

.PHONY: demo test check unit quick coverage mutants oracle bench fuzz interrupt ecosystem docs site extension pictures clean debian

$(VENV)/demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/test: pyproject.toml $(VENV)/demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	@touch $@

demo: $(VENV)/demo
	@tools/demo $(BIN)/ctlint

test: $(VENV)/test debian check unit

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

# GitHub's own description of its API, which the imitated server's answers are checked against.
OPENAPI := build/tools/github-openapi.json
$(OPENAPI):
	@tools/github-openapi $@

# Mermaid, whose parser says whether it reads what is drawn for it.
MERMAID := build/tools/mermaid.min.js
$(MERMAID):
	@tools/mermaid $@

# Microsoft's SARIF validator with the rules of GitHub and SARIF's schema; the schema of JUnit reports as Jenkins reads them.
SARIF := build/tools/sarif-multitool/Sarif.Multitool
$(SARIF):
	@tools/sarif-multitool $(@D)
JUNIT := build/tools/jenkins-junit.xsd
$(JUNIT):
	@tools/junit-schema $@

# What the editor's extension is made with: the client of the language server's protocol.
CLIENT := editors/vscode/node_modules/.package-lock.json
$(CLIENT): editors/vscode/package-lock.json
	cd editors/vscode && npm ci --omit=dev --no-audit --no-fund --silent

unit: $(VENV)/test $(OPENAPI) $(MERMAID) $(SARIF) $(JUNIT) $(CLIENT)
	$(BIN)/python -m pytest -n 2

# The same with the lines and branches that no test runs: it takes half as long again.
coverage: $(VENV)/test $(OPENAPI) $(MERMAID) $(SARIF) $(JUNIT) $(CLIENT)
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered

# What to run while one works: under a minute, no program but Python.
quick: $(VENV)/test
	$(BIN)/python -m pytest -q -n 2 $(QUICK)
QUICK := $(addprefix tests/,rules/test_rules.py rules/test_rule_modules.py lineage/text lineage/effects lineage/image lineage/folding \
	lineage/builds lineage/boot lineage/workspace/test_resolve.py lint/config whole/test_house.py)

# Small changes of the code that no test notices, in some rooms: make mutants ROOMS="lineage/image lineage/boot" [MOST=25]
ROOMS := lineage/image lineage/folding lineage/s6 lineage/boot lineage/workspace
mutants: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'cosmic-ray>=8.4,<9'
	$(BIN)/python tools/mutants.py $(if $(MOST),--most $(MOST)) $(ROOMS)

# What ctlint says of images against what BuildKit builds: needs root and Debian's archive, and at most 15 minutes.
oracle: $(VENV)/test
	@tools/debian-packages mmdebstrap
	$(BIN)/python -m tools.oracle --write docs/trust.md

# The programs that the tests ask for a verdict, where they are missing.
debian:
	@tools/debian-packages $(DEBIAN)

docs: $(VENV)/demo
	$(BIN)/ctlint rule --all --format markdown > docs/rules.md
	$(BIN)/python tools/profile_sources.py > docs/profiles.md

# The documentation as a site, in build/pages/site: nothing is asked of the network.
site: $(VENV)/test
	$(BIN)/python tools/site_pages.py build/pages
	$(BIN)/zensical build --strict --config-file build/pages/mkdocs.yml

# The extension for Visual Studio Code: build/ctlint.vsix.
extension:
	@mkdir -p build
	cd editors/vscode && npm ci --no-audit --no-fund --silent && npm run --silent package

# The pictures of the README, from the example organisation.
pictures: $(VENV)/demo debian
	$(BIN)/python tools/screenshots.py docs/images

# Feeds every reader and the whole of lint what nobody writes: make fuzz [RUNS=20000] [SEED=0]
fuzz: $(VENV)/test
	nice $(BIN)/python tools/fuzz.py --runs $(or $(RUNS),20000) --seed $(or $(SEED),0) --coverage

# Kills runs of ctlint at random moments and damages its cache: make interrupt [KILLS=500] [CORRUPTIONS=1000]
interrupt: $(VENV)/test
	nice $(BIN)/python tools/interrupt.py --kills $(or $(KILLS),500) --corruptions $(or $(CORRUPTIONS),1000)

bench: $(VENV)/demo
	$(BIN)/python tools/bench.py $(or $(COPIES),100) $(CLONES)

# Lints pinned public repositories, clones of which are in the folder CLONES: make ecosystem CLONES=… [UPDATE=1]
ecosystem: $(VENV)/demo
	@$(BIN)/python tools/ecosystem.py $(if $(UPDATE),--update) $(or $(CLONES),$(error say CLONES=the folder of the clones))

# Hides every single thing of every fixture from a run, and with CLONES=… [SEED=1] a part of the pinned public repositories' things.
less-knowledge: $(VENV)/test
	@$(BIN)/python tools/less_knowledge.py $(if $(CLONES),--seed $(or $(SEED),1) $(CLONES))

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
