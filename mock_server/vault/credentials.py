"""Stored credentials.

Owns: keeping them, finding them, and the only form in which they are shown: without what
is secret. Must not: log, or hand the secret parts to anyone but a run.

They are kept as they are, in a database only its owner can read. A key to encrypt them
with would have to lie beside it and would protect nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mock_server.store.records import ResourceRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owners

KIND: Final = "credential"

_SHOWN_AS_SENT: Final = (
    "browser_profile_id",
    "auto_profile_disabled",
    "pin_saved_session_ip",
    "tested_url",
    "proxy_location",
    "proxy_session_id",
)


class Credentials:
    """The credentials of all tenants; each sees its own."""

    def __init__(self, store: Store, owners: Owners) -> None:
        self._store = store
        self._owners = owners

    def create(self, organization_id: str, request: Mapping[str, Any]) -> ResourceRecord:
        """Store new ones. ``request`` is the validated body: name, credential_type, credential and the options.

        Raises:
            StoreError: They could not be stored.
        """
        owner = self._owners.of(organization_id)
        now = owner.clock.now()
        record = ResourceRecord(owner.ids.new("cred"), organization_id, KIND, None, dict(request), now, now)
        self._store.put_resource(record)
        return record

    def replace(self, record: ResourceRecord, changes: Mapping[str, Any]) -> ResourceRecord:
        """Store ``changes`` to what is there; the id stays."""
        now = self._owners.of(record.organization_id).clock.now()
        record = replace(record, body={**record.body, **changes}, modified_at=now)
        self._store.put_resource(record)
        return record

    def delete(self, record: ResourceRecord) -> None:
        """Forget them."""
        self._store.delete_resource(record.organization_id, KIND, record.resource_id)

    def get(self, organization_id: str, credential_id: str) -> ResourceRecord | None:
        """Return the tenant's credentials of that id; None if it has none."""
        return self._store.resource(organization_id, KIND, credential_id)

    def find(
        self,
        organization_id: str,
        *,
        page: int,
        page_size: int,
        credential_type: str | None = None,
        search: str | None = None,
    ) -> list[ResourceRecord]:
        """Return one page, newest first; ``search`` is a case-insensitive part of the name, user name or label."""
        found = [
            record
            for record in reversed(self._store.resources(organization_id, KIND))
            if credential_type in (None, record.body["credential_type"]) and _mentions(record, search)
        ]
        return found[(page - 1) * page_size : page * page_size]


def shown(record: ResourceRecord) -> dict[str, Any]:
    """Return the credentials as every answer has them: nothing in it signs anyone in or pays for anything."""
    body = record.body
    told = {name: body.get(name) for name in _SHOWN_AS_SENT}
    return {
        "credential_id": record.resource_id,
        "credential": _public(body["credential_type"], body["credential"]),
        "credential_type": body["credential_type"],
        "name": body["name"],
        "vault_type": body.get("vault_type") or "skyvern",
        "browser_profile_id": told["browser_profile_id"],
        "auto_profile_disabled": told["auto_profile_disabled"],
        "pin_saved_session_ip": bool(told["pin_saved_session_ip"]),
        "tested_url": told["tested_url"],
        "user_context": None,
        "save_browser_session_intent": None,
        "run_sequentially": False,
        "folder_id": None,
        "proxy_location": told["proxy_location"],
        "proxy_session_id": told["proxy_session_id"],
        "created_by": None,
    }


def _public(credential_type: str, secret: Mapping[str, Any]) -> dict[str, Any]:
    if credential_type == "password":
        return {
            "username": secret["username"],
            "totp_type": secret.get("totp_type") or "none",
            "totp_identifier": secret.get("totp_identifier"),
            "has_totp": bool(secret.get("totp")),
        }
    if credential_type == "credit_card":
        return {"last_four": secret["card_number"][-4:], "brand": secret["card_brand"]}
    return {"secret_label": secret.get("secret_label")}


def _mentions(record: ResourceRecord, search: str | None) -> bool:
    if not search:
        return True
    secret = record.body["credential"]
    texts = (record.body["name"], secret.get("username"), secret.get("secret_label"))
    return any(search.casefold() in text.casefold() for text in texts if text)
