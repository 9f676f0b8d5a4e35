"""A small town for the state machine: its site, calendars and store, and everybody's moves."""
