"""Telling people by mail: the letters, their wording, and handing them over."""
