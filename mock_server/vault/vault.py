"""All that tenants leave here for their runs, in one place.

Owns: which parts there are. Must not: hold behaviour of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mock_server.dialect import Dialect
from mock_server.store.store import Store
from mock_server.tenancy import Owners
from mock_server.vault.codes import PushedCodes
from mock_server.vault.credentials import Credentials
from mock_server.vault.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Vault:
    """Credentials, codes and files of all tenants."""

    credentials: Credentials
    codes: PushedCodes
    uploads: Uploads


def open_vault(
    store: Store, owners: Owners, dialect: Dialect, *, directory: Path, base_url: str, secret: bytes
) -> Vault:
    """Return the vault over a store; uploaded files lie in ``directory``, links to them are signed with ``secret``."""
    return Vault(
        Credentials(store, owners),
        PushedCodes(store, owners, dialect),
        Uploads(directory, store, owners, base_url=base_url, secret=secret),
    )
