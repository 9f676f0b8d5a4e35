"""SHOW: the owner's dashboard, the agents' own pages, the providers' returns.

A view parses, calls one function, renders.
"""
