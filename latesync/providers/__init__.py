"""CALL: one folder a provider, the same file names in each, one protocol (`base.py`)."""
