"""`python -m orchestrator.migrate`: collections to another engine, beside what serves them."""
