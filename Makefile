# make serve | check | test | train | bench: each first installs what it needs into .venv, once.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
ARGS ?=
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# With this set, every process compiles all its imports again: TensorFlow takes 9 seconds instead of 4.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve check test train bench clean
.DELETE_ON_ERROR:
.SILENT:

serve: .venv/serve.installed  ## the page and the API at http://127.0.0.1:7860
	exec $(BIN)/python -m app $(ARGS)

check: .venv/dev.installed  ## lint, types and the in-process tests, in about a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy >.venv/types.log 2>&1 & types=$$!; \
	$(BIN)/python -m pytest --numprocesses 2 -m 'not slow and not ray' $(ARGS); tests=$$?; \
	wait $$types; types=$$?; cat .venv/types.log; exit $$((tests | types))

test: .venv/dev.installed  ## lint, types and all tests, including those in a real browser
	$(BIN)/python -m tests.chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
# mypy runs beside the tests, which sometimes leave a core idle; its output comes last. The imports before the
# tests compile the modules once for all processes.
	$(BIN)/mypy >.venv/types.log 2>&1 & types=$$!; \
	$(BIN)/python -c 'import app.__main__, app.ui.page, model_training.training.train' 2>/dev/null; \
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	wait $$types; types=$$?; cat .venv/types.log; exit $$((tests | types))

train: .venv/train.installed  ## train on MNIST and write a release folder; ARGS="--quick" takes a minute
	$(BIN)/python -m model_training train $(ARGS)

bench: .venv/bench.installed  ## all benchmarks; make bench ARGS="service" for one
	$(BIN)/python -m tests.chromium
	$(BIN)/python -m benchmarks $(ARGS)

clean:  ## delete .venv
	rm -rf .venv

.venv/serve.installed: EXTRAS :=
.venv/train.installed: EXTRAS := [train]
.venv/bench.installed: EXTRAS := [train,bench,cluster]
.venv/dev.installed: EXTRAS := [train,dev,cluster]
.venv/%.installed: pyproject.toml constraints.txt .venv/created
	echo "Installing what 'make $(or $(MAKECMDGOALS),serve)' needs into .venv (once)..."
# The pip of Python 3.11 takes two and a half times as long as the newest.
	{ $(BIN)/python -m pip install --quiet --retries 2 --constraint constraints.txt --upgrade pip && \
		$(BIN)/python -m pip install --quiet --no-compile --retries 2 --constraint constraints.txt \
		--editable '.$(EXTRAS)'; } >.venv/install.log 2>&1 || \
		{ echo "error: the packages could not be installed; is the network up?" \
		"pip's output is in .venv/install.log" >&2; exit 1; }
	touch $@

.venv/created:
	test -n '$(PYTHON)' || { echo "error: Python 3.11, 3.12 or 3.13 is needed, and no such python3 was" \
		"found; install one, or name it: make $(or $(MAKECMDGOALS),serve) PYTHON=/path/to/python3" >&2; exit 1; }
	'$(PYTHON)' -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || \
		{ echo "error: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is not one" >&2; exit 1; }
	'$(PYTHON)' -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; echo "error: $(PYTHON) could not make" \
		"a virtual environment; Debian and Ubuntu have it in the package python3-venv" >&2; exit 1; }
	touch $@
