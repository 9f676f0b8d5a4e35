"""A small town for the state machine: site, calendars, store and LateSync's processes, with everybody's moves."""
