"""One module for each language; all hold a `LANGUAGE` with the same texts."""
