# Everything the project can do. `make help` lists it.
# VENV names the environment (to keep one per Python version), PYTHON the interpreter it is made with.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/ready
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c '$(SUPPORTED)' 2>/dev/null && echo $$name && break; done)

.PHONY: help setup run test test-installed check bench lock translations manual wheel licences installer clean
.DEFAULT_GOAL := help

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name does; do \
		printf '  make %-12s %s\n' "$$name" "$$does"; done

setup: $(READY)  ## make the environment in .venv

$(READY): pyproject.toml requirements.lock packaging/linux/system_libraries.py
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(SUPPORTED)' || { \
		echo 'Inferoscope needs Python 3.11, 3.12 or 3.13. Install one, or name it: make setup PYTHON=/path/to/python3.12' >&2; \
		exit 1; }
	@"$(PYTHON)" packaging/linux/system_libraries.py
	"$(PYTHON)" -m venv "$(VENV)"
	"$(BIN)/python" -m pip install --quiet --require-hashes --requirement requirements.lock
	"$(BIN)/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
	"$(BIN)/python" packaging/licences.py
	@touch "$@"

run: $(READY)  ## set up and open the window (SOURCE=... MODEL=... to begin with)
	@"$(BIN)/inferoscope" $(if $(SOURCE),--source "$(SOURCE)") $(if $(MODEL),--model "$(MODEL)")

test: $(READY)  ## set up and run the tests (not those that measure time: make bench)
	"$(BIN)/python" -m pytest --numprocesses auto --dist worksteal

check: $(READY)  ## formatting, lint, types, who may import whom, spelling
	"$(BIN)/ruff" format --check .
	"$(BIN)/ruff" check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	"$(BIN)/typos"

bench: $(READY)  ## measure speed and print a table
	"$(BIN)/python" tests/perf/bench.py

lock:  ## pin the newest versions that fit pyproject.toml, for every platform
	"$(PYTHON)" -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
		--extra dev --extra installer --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--output-file requirements.lock pyproject.toml

LANGUAGES = es pt_BR ja

translations: $(READY)  ## collect the texts of window and engine, and build what is translated (LANGUAGE=de: another)
	"$(BIN)/python" packaging/engine_texts.py
	@for language in $(or $(LANGUAGE),$(LANGUAGES)); do \
		file="assets/translations/inferoscope_$$language.ts"; \
		"$(BIN)/pyside6-lupdate" -tr-function-alias translate+=text $$(find gui -name '*.py' | sort) \
			-no-obsolete -locations none -ts "$$file" && \
		"$(BIN)/pyside6-lrelease" "$$file" -qm "$$file.new" && mv "$$file.new" "$${file%.ts}.qm" || exit 1; \
	done

manual: $(READY)  ## take the manual's pictures, and make its chapters and its page
	"$(BIN)/python" packaging/manual_pictures.py
	"$(BIN)/python" packaging/manual.py

wheel: licences  ## build the wheel in dist/
	"$(BIN)/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

licences: $(READY)  ## write the licences of everything that is shipped, which the about box shows
	"$(BIN)/python" packaging/licences.py

# The frozen program is built in an environment of its own: what is not in there cannot get in.
FREEZE = build/installer
FREEZER = $(FREEZE)/venv/bin/python
FROZEN = dist/inferoscope
NAME = $(shell sed -n 's/^version = "\(.*\)"/inferoscope-\1/p' pyproject.toml)-$(shell uname -m)
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

$(FREEZE)/ready: pyproject.toml requirements.lock
	rm -rf "$(FREEZE)" && mkdir -p "$(FREEZE)"
	"$(PYTHON)" -m venv "$(FREEZE)/venv"
	"$(FREEZER)" -m pip install --quiet --require-hashes --requirement requirements.lock
	"$(FREEZER)" -m pip install --quiet --no-deps --no-build-isolation .
	@touch "$@"

installer: $(FREEZE)/ready  ## build the .deb and the AppImage in dist/ (MODELS=folder to take the models from)
	rm -rf dist
	"$(FREEZER)" packaging/inside_models.py $(MODELS)
	PYTHONHASHSEED=1 "$(FREEZER)" -m PyInstaller --noconfirm --log-level ERROR --distpath dist \
		--workpath "$(FREEZE)/work" packaging/inferoscope.spec
	"$(FREEZER)" packaging/licences.py "$(FROZEN)/_internal/assets/licences.txt" --program "$(FROZEN)" \
		--modules "$(FREEZE)/work/inferoscope/PYZ-00.toc"
	"$(FREEZER)" packaging/copyleft.py "$(FROZEN)"
	QT_QPA_PLATFORM=offscreen "$(FREEZER)" packaging/linux/deb.py
	QT_QPA_PLATFORM=offscreen "$(FREEZER)" packaging/linux/appimage.py
	"$(FREEZER)" packaging/sbom.py "dist/$(NAME).cdx.json" --program "$(FROZEN)" \
		--modules "$(FREEZE)/work/inferoscope/PYZ-00.toc"
	"$(FREEZER)" packaging/checksums.py dist

test-installed: $(READY)  ## run the tests that start the program against the frozen one (PROGRAM=..)
	INFEROSCOPE_PROGRAM="$(abspath $(or $(PROGRAM),$(FROZEN)/inferoscope))" \
		"$(BIN)/python" -m pytest --numprocesses auto --dist worksteal

clean:  ## remove what can be made again, the environment too
	rm -rf "$(VENV)" build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
