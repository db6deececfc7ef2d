# Both commands set up what they need in .venv, once, and can be repeated at any time.
# ARGS goes through: make lab ARGS=--no-browser, make test ARGS="-k conv2d"
PYTHON ?= python3

.PHONY: help lab test
help:
	@echo "make lab    set up, then open JupyterLab at the lessons"
	@echo "make test   set up, then run every test"

lab:
	@$(PYTHON) start.py lab $(ARGS)

test:
	@$(PYTHON) start.py test $(ARGS)
