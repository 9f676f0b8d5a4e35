"""SHOW: the owner's dashboard, the agents' own pages, Google's return.

A view parses, calls one function, renders.
"""
