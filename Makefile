# Every target makes its own environment first; Python 3.11 or newer and make are all that is needed.
# VENV=elsewhere puts it elsewhere, PYTHON=python3.12 chooses the Python it is made with.

VENV ?= .venv
PYTHON ?=
ARGS ?=
PY := $(VENV)/bin/python
NEXTSTEP := $(PY) -m bot
LOCK := deploy/requirements-dev.txt

# The suite starts the program some sixty times; compiling all of it each time would take most of the suite's time.
unexport PYTHONDONTWRITEBYTECODE

# The environment is made anew when the lock or the project changes, when it was made for another folder, or when its
# Python is gone. The mark inside says what it was made from.
MARK := $(VENV)/.made-for
WANTED := $(shell cat $(LOCK) pyproject.toml | cksum) $(CURDIR)
FOUND := $(shell $(PY) -c '' 2>/dev/null && cat $(MARK) 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help chat run test check format bench soak demo pictures walk evaluate doctor lock papers audit wheel clean FORCE

help: ## Lists the targets.
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

ifneq ($(strip $(WANTED)),$(strip $(FOUND)))
$(MARK): FORCE
endif
$(MARK):
	@sh deploy/environment.sh "$(VENV)" "$(LOCK)" "$(PYTHON)"
	@echo '$(WANTED)' > $@
FORCE:

chat: $(MARK) ## Talks with NextStep in this terminal.
	@$(NEXTSTEP) chat $(ARGS)

run: $(MARK) ## Serves on Discord; needs DISCORD_TOKEN.
	@$(NEXTSTEP) run $(ARGS)

test: $(MARK) ## Runs the whole suite.
	$(PY) -m pytest -n 2 $(ARGS)

check: $(MARK) ## Style, types and the knowledge folder.
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(NEXTSTEP) check
	$(NEXTSTEP) format --check

format: $(MARK) ## Brings code and knowledge into their canonical form.
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	$(NEXTSTEP) format

evaluate: $(MARK) ## Measures answers and safety on the packaged questions.
	$(NEXTSTEP) evaluate $(ARGS)

bench: $(MARK) ## Speed and size, side by side in one run.
	$(PY) -m tests.bench $(ARGS)

soak: $(MARK) ## Long runs under faults; takes some minutes.
	$(PY) -m tests.soak $(ARGS)

demo: $(MARK) ## A page in the browser that looks like a Discord channel; no token needed.
	@$(PY) -m tests.demo $(ARGS)

pictures: $(MARK) ## Takes the README's pictures anew; needs a Chromium.
	$(PY) -m tests.demo.pictures $(ARGS)

walk: $(MARK) ## Follows README's five minutes in a fresh folder, and says how long they took.
	$(PY) -m tests.deploy.walk $(ARGS)

doctor: $(MARK) ## Checks this machine's configuration.
	$(NEXTSTEP) doctor

wheel: $(MARK) ## Builds the wheel into dist/.
	$(PY) -m hatchling build -t wheel

papers: $(MARK) ## Writes the tables in docs/ that follow from the program: settings, what is stored, licences.
	$(PY) -m deploy.papers
	$(PY) -m deploy.licences

audit: $(MARK) ## Compares the locked dependencies with the published advisories; needs uv and the network.
	@$(PY) -m deploy.audit

COMPILE = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	--no-emit-index-url --no-emit-find-links --upgrade
lock: ## Renews the locked dependencies; needs uv.
	@command -v uv > /dev/null || { echo 'make lock needs uv: python3 -m pip install uv' >&2; exit 1; }
	$(COMPILE) pyproject.toml -o deploy/requirements.txt
	$(COMPILE) --group build -o deploy/requirements-build.txt
	$(COMPILE) pyproject.toml --group dev -c deploy/requirements.txt -o deploy/requirements-dev.txt
	$(MAKE) papers

clean: ## Removes the environment and what tools left behind.
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
