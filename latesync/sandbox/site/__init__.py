"""A small booking site with LatePoint 5.6.5's tables on SQLite: what LateSync reads, and what a customer sees."""
