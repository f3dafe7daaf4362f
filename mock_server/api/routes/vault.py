"""The routes of what tenants leave here for their runs, and of the runs that use it.

Owns: their order. Must not: answer anything itself.
"""

from __future__ import annotations

from fastapi import APIRouter

from mock_server.api.auth import Doorman
from mock_server.api.routes import block_runs, credentials, totp, uploads
from mock_server.api.run_view import RunView
from mock_server.services import Services


def add_vault(router: APIRouter, services: Services, doorman: Doorman, view: RunView) -> None:
    """Add the routes."""
    totp.add(router, services)  # before those of credentials, one of which takes any id
    credentials.add(router, services)
    block_runs.add(router, services, doorman, view)
    uploads.add(router, services)
