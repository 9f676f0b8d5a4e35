"""Real servers and a real browser for tests: started at first need, shared by the run, gone after it."""
