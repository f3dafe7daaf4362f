"""The HTTP face: requests in, records out as the service writes them.

Owns: routes, request validation, the form of every answer and refusal, who is asking, and
what may reach the server at all. Must not: decide anything about runs; it asks the engine
and reads the store.
"""

from __future__ import annotations

from mock_server.api.assembly import create_api

__all__ = ["create_api"]
