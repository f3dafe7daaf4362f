"""Compose, watch and inspect Skyvern runs: a client core, a terminal app and a CLI.

Must not: import ``mock_server``; an embedded mock is a subprocess that is spoken to over
HTTP like any other server.
"""

__version__ = "0.1.0"
