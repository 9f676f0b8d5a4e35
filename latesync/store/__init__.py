"""REMEMBER: LateSync's own tables. The only reader of secrets. Times are always parameters."""
