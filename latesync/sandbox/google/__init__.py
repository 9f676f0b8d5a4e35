"""A stand-in for Google: OAuth and Calendar API v3, with the behaviours of google-calendar.md."""

from .app import create_google_app, served_google
from .errors import ApiError
from .faults import Fault
from .switches import Switches
from .world import GoogleWorld

__all__ = ["ApiError", "Fault", "GoogleWorld", "Switches", "create_google_app", "served_google"]
