"""A small booking site on SQLite with LatePoint 5.6.5's tables: what LateSync reads and a customer sees."""
