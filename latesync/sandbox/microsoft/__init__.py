"""A stand-in for Microsoft: sign-in pages, token endpoint and Graph's calendars, on loopback.

Behaviour follows microsoft-graph.md; its keys (H5, T1, D3, …) stand beside the code.
Nothing here knows LateSync.
What is unsure or differs between tenants is a switch (switches.py); what goes wrong is asked for (faults.py).
"""

from .app import create_microsoft_app, served_microsoft
from .errors import GraphError
from .faults import Fault
from .persons import Person
from .switches import Switches
from .world import MicrosoftWorld

__all__ = [
    "Fault",
    "GraphError",
    "MicrosoftWorld",
    "Person",
    "Switches",
    "create_microsoft_app",
    "served_microsoft",
]
