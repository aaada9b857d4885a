# make serve | test | train | bench: each first sets up what it needs in .venv; a second call starts at once.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
ARGS ?=
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set each Python compiles all that it imports anew: TensorFlow takes 9 seconds then, not 4.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test train bench clean
.DELETE_ON_ERROR:
.SILENT:

serve: .venv/serve.installed  ## the page and the API at http://127.0.0.1:7860
	exec $(BIN)/python -m app $(ARGS)

test: .venv/dev.installed  ## lint, types and every test, real Chromium included
	$(BIN)/python -m tests.chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
# Types beside the tests, which leave a core idle now and then; what they say comes last. Before the tests, one
# process compiles what all of theirs import, or each would do so.
	$(BIN)/mypy >.venv/types.log 2>&1 & types=$$!; \
	$(BIN)/python -c 'import app.__main__, app.ui.page, model_training.training.train' 2>/dev/null; \
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	wait $$types; types=$$?; cat .venv/types.log; exit $$((tests | types))

train: .venv/train.installed  ## a release folder from MNIST; make train ARGS="--quick" for the short way
	$(BIN)/python -m model_training train $(ARGS)

bench: .venv/bench.installed  ## all benchmarks; make bench ARGS="service" for one
	$(BIN)/python -m tests.chromium
	$(BIN)/python -m benchmarks $(ARGS)

clean:  ## everything that make has set up
	rm -rf .venv

.venv/serve.installed: EXTRAS :=
.venv/train.installed: EXTRAS := [train]
.venv/bench.installed: EXTRAS := [train,bench,cluster]
.venv/dev.installed: EXTRAS := [train,dev,cluster]
.venv/%.installed: pyproject.toml constraints.txt .venv/created
	echo "Installing what 'make $(or $(MAKECMDGOALS),serve)' needs into .venv (once)..."
	$(BIN)/python -m pip install --quiet --no-compile --retries 2 --constraint constraints.txt \
		--editable '.$(EXTRAS)' >.venv/install.log 2>&1 || \
		{ echo "error: the packages could not be installed; is the network up?" \
		"pip's own words are in .venv/install.log" >&2; exit 1; }
	touch $@

.venv/created:
	test -n '$(PYTHON)' || { echo "error: Python 3.11, 3.12 or 3.13 is needed, and no such python3 was" \
		"found; install one, or name it: make $(or $(MAKECMDGOALS),serve) PYTHON=/path/to/python3" >&2; exit 1; }
	'$(PYTHON)' -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || \
		{ echo "error: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is not one" >&2; exit 1; }
	'$(PYTHON)' -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; echo "error: $(PYTHON) could not make" \
		"a virtual environment; Debian and Ubuntu have it in the package python3-venv" >&2; exit 1; }
	touch $@
