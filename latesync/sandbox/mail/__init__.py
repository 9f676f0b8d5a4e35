"""The demo's mail: a pretend server that takes every mail over and delivers none, and what it took."""
