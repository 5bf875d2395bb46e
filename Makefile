# Voronka. Two commands are enough: make run, make test.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: help setup run test lint format messages lock clean

help:
	@echo "make run       всё поставить и открыть готовую демонстрационную компанию на http://localhost:8000"
	@echo "make setup     только поставить: окружение .venv и команда .venv/bin/voronka"
	@echo "make test      все проверки, и в настоящем браузере тоже"
	@echo "make lint      стиль, типы, этажи, шаблоны, переводы, миграции"
	@echo "make format    привести код к общему виду"
	@echo "make messages  собрать тексты интерфейса и показать непереведённые"
	@echo "make lock      заново закрепить версии библиотек"

setup:
	@$(PYTHON) tools/install.py

run: setup
	@exec $(BIN)/voronka serve --demo

test:
	@$(PYTHON) tools/install.py --dev --chromium
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint:
	@$(PYTHON) tools/install.py --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint voronka --lint --quiet
	$(BIN)/python -m voronka.config.messages --check
	$(BIN)/voronka makemigrations --check --dry-run

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages:
	$(BIN)/python -m voronka.config.messages --check

lock:
	$(BIN)/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --extra build \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra build --extra dev \
		--constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-dev.lock

clean:
	rm -rf .venv build dist voronka/ui/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
