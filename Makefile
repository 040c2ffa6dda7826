# `make` or `make help` lists what there is. Everything runs in .venv, which is made when needed.

PYTHON ?= python3
BIN := .venv/bin
# Nothing of a developer's own .env or shell gets into the checks.
CLEAN := env -i PATH="$$PATH" HOME="$$HOME" LANG=C.UTF-8 DAESA_DOTENV= DATA_DIR=var/check
DEVELOPMENT := $(CLEAN) DEBUG=true
PRODUCTION := $(CLEAN) DEBUG=false ALLOWED_HOSTS=daesa.example \
	SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')"
# On one's own machine a start asks for no secret: DEBUG is on unless the environment or .env says.
AT_HOME := if [ -z "$${DEBUG-}" ] && ! grep -Eqs '^ *(export +)?DEBUG=' .env; then export DEBUG=true; fi

NODE := PATH="$(CURDIR)/.venv/bin:$$PATH" node
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm
PAGE_SOURCES := schema.yaml frontend/index.html frontend/vite.config.ts frontend/package.json \
	$(shell find frontend/src frontend/public frontend/scripts -type f ! -name schema.d.ts ! -name '*.test.*')

.DEFAULT_GOAL := help
.PHONY: help run page page-tests screenshots test test-long check coverage lint lint-server lint-page fmt schema messages fuzz chaos admin bench \
	deploy-env deploy-check image image-test clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## Serve on HOST:PORT (127.0.0.1:8000); asks nothing, needs no key and no other server
	@$(MAKE) --no-print-directory page || echo "The page could not be built; the API is served without it"
	@$(AT_HOME); $(BIN)/python manage.py prepare && exec $(BIN)/gunicorn -c config/gunicorn.conf.py

page: frontend/dist/index.html ## Build the web page, where its sources changed

test: .venv/.dev page ## Test on SQLite, on PostgreSQL and Redis where they answer, and the page (ARGS="-k name" narrows)
	@[ -n "$(ARGS)" ] || { cd frontend && $(NPM) test --silent; }
	@$(BIN)/python -m tests $(ARGS)

test-long: .venv/.dev page ## Run the tests that `make test` leaves out: servers that are broken, whole backups, every page's accessibility
	@$(BIN)/python -m tests --long

screenshots: .venv/.dev page ## Photograph every page in each size, theme and language, into var/screenshots
	@$(BIN)/python -m tests.e2e.screenshots

check: ## All that CI runs: lint, types, imports, schema, deployment, fuzzing, tests
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint-server page-tests fuzz lint-page
	@$(BIN)/python -m tests

coverage: .venv/.dev page ## Measure the tests' coverage on both databases (slow; not part of `make check`)
	@$(BIN)/python -m tests --coverage 95

lint: lint-server lint-page ## The checks of `make check` that take seconds

lint-server: .venv/.dev
	@! git grep -nE '^(<{7}|>{7}) ' || { echo "A merge left these marks"; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(DEVELOPMENT) $(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive accounts chat config quotes manage.py
	$(BIN)/python -m pip check
	$(BIN)/deptry accounts chat config quotes fakeopenai tests bench
	$(DEVELOPMENT) $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(DEVELOPMENT) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file var/check/schema.yaml
	diff -u schema.yaml var/check/schema.yaml || { echo "schema.yaml has drifted: run make schema"; exit 1; }

# The build writes the types of the API that both of these read.
lint-page: page
	cd frontend && $(NPM) run --silent lint

page-tests: page
	@cd frontend && $(NPM) test --silent

fmt: .venv/.dev frontend/node_modules/.installed ## Put the code into form
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	cd frontend && $(NPM) run --silent fmt

schema: .venv/.dev ## Write schema.yaml anew after a change of the API
	$(DEVELOPMENT) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file schema.yaml

messages: .venv/.dev ## Collect the texts to translate and compile the translations (needs GNU gettext)
	$(DEVELOPMENT) $(BIN)/python manage.py makemessages --locale ko --no-wrap --no-obsolete --add-location file \
	  $(addprefix --ignore ,.venv tests bench var frontend)
	$(DEVELOPMENT) $(BIN)/python manage.py compilemessages --locale ko --ignore .venv

fuzz: .venv/.dev ## Try the API's schema against a live server (part of `make check`)
	@$(BIN)/python -m tests.fuzz

admin: .venv/.run ## Make the first staff user (asks, or takes ADMIN_EMAIL and ADMIN_PASSWORD)
	@$(AT_HOME); $(BIN)/python manage.py migrate --verbosity 0 && $(BIN)/python manage.py create_admin

chaos: .venv/.dev ## Break a server of its own at random for SECONDS, and look whether anything is lost
	@$(BIN)/python -m tests.faults.chaos --seconds $(or $(SECONDS),120) $(ARGS)

bench: .venv/.run ## Measure CPU per request, throughput and latency (bench/README.md)
	@$(BIN)/python -m bench $(ARGS)

deploy-env: ## Write the settings of a deployment with fresh secrets: DOMAIN=daesa.example, and FOR=compose for containers
	@python3 -m deploy.make_env "$(DOMAIN)" --for "$(FOR)"

deploy-check: .venv/.dev ## Check what deploys: nginx with real traffic, compose files, systemd's units (part of `make check`)
	@$(BIN)/python -m pytest -q -n0 tests/test_nginx.py tests/test_nginx_edge.py tests/test_compose.py tests/test_systemd.py tests/test_deploy_env.py tests/config/test_secret_files.py

image: ## Build the image daesa:latest with Docker or Podman
	@$$(command -v docker || command -v podman) build --file deploy/Dockerfile --tag daesa:latest \
	  --build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" .

image-test: ## Build the image, with buildah where there is no registry, and let it answer a first chat
	@python3 -m deploy.image_test $(ARGS)

clean: ## Remove .venv and what the checks left; never the data
	rm -rf frontend/node_modules frontend/dist .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis htmlcov .coverage* var/check

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@echo "Making .venv (once)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing (on Debian: apt install python3-venv)"; exit 1; }

# A Node of the system's own if it is new enough; else PyPI brings one into .venv.
.venv/.node: .venv/bin/python
	@$(NODE) -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	  || { echo "Bringing Node into .venv"; $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-node.txt; }
	@touch $@

frontend/node_modules/.installed: .venv/.node frontend/package-lock.json frontend/.npmrc
	@echo "Installing what frontend/package-lock.json lists"
	@cd frontend && $(NPM) ci --silent
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed $(PAGE_SOURCES)
	@echo "Building the page"
	@cd frontend && $(NPM) run --silent build
	@touch $@

.venv/.run: .venv/bin/python requirements.txt
	@echo "Installing what requirements.txt lists"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@echo "Installing what requirements-dev.txt lists"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@
