"""Gathers what is known of one booking or of one time, and lets the planner say why it is so."""
