"""Stand-ins for Google and a booking site, for the demo and the tests. Imports nothing else of LateSync."""
