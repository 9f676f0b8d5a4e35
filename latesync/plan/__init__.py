"""DECIDE: pure functions from facts to frozen operations. No I/O, no clock, no randomness, no log."""
