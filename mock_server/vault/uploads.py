"""Files that were uploaded for runs.

Owns: their bytes on disk, how long they are kept, their links, and that a file goes with
one run only. Must not: know HTTP.
"""

from __future__ import annotations

import hmac
from calendar import timegm
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from mock_server.store.records import ResourceRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owners

KIND: Final = "upload"
MAX_BYTES: Final = 10 * 1024 * 1024
LINK_SECONDS: Final = 12 * 3600
PATH: Final = "/v1/files/"
_BUCKET: Final = "skyvern-uploads"


class Uploads:
    """The uploaded files of all tenants; each sees its own."""

    def __init__(self, root: Path, store: Store, owners: Owners, *, base_url: str, secret: bytes) -> None:
        self._root = root
        self._store = store
        self._owners = owners
        self._base_url = base_url
        self._secret = secret

    def keep(
        self, organization_id: str, name: str, data: bytes, content_type: str, retention_days: int | None = None
    ) -> ResourceRecord:
        """Store a file; it is complete on disk before it has a record.

        Raises:
            OSError, StoreError: It could not be stored.
        """
        owner = self._owners.of(organization_id)
        self.discard_expired(organization_id)
        now, file_id = owner.clock.now(), owner.ids.new("file")
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._root / file_id
        part = path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_bytes(data)
        part.replace(path)
        expires_at = None if retention_days is None else (now + timedelta(days=retention_days)).isoformat()
        body = {
            "filename": name,
            "content_type": content_type,
            "size": len(data),
            "checksum": sha256(data).hexdigest(),
            "expires_at": expires_at,
            "s3_uri": f"s3://{_BUCKET}/{organization_id}/{now:%Y-%m-%d}/{file_id}/{quote(name)}",
            "run_id": None,
        }
        record = ResourceRecord(file_id, organization_id, KIND, None, body, now, now)
        self._store.put_resource(record)
        return record

    def get(self, organization_id: str, file_id: str) -> ResourceRecord | None:
        """Return the tenant's file of that id; None if it has none, or it is no longer kept."""
        record = self._store.resource(organization_id, KIND, file_id)
        return None if record is None or self._is_over(record) else record

    def delete(self, record: ResourceRecord) -> None:
        """Forget a file."""
        self._store.delete_resource(record.organization_id, KIND, record.resource_id)
        self.path(record).unlink(missing_ok=True)

    def path(self, record: ResourceRecord) -> Path:
        """Return where the file lies."""
        return self._root / record.resource_id

    def not_attachable(self, organization_id: str, file_ids: Sequence[str]) -> list[str]:
        """Return those of the ids that name no file of the tenant, or one that went with another run already."""
        found = {file_id: self.get(organization_id, file_id) for file_id in file_ids}
        return [file_id for file_id, record in found.items() if record is None or record.body["run_id"] is not None]

    def attach(self, organization_id: str, file_ids: Sequence[str], run_id: str) -> None:
        """Note which run the files go with."""
        for file_id in file_ids:
            record = self.get(organization_id, file_id)
            if record is not None:
                self._store.put_resource(replace(record, body={**record.body, "run_id": run_id}))

    def link(self, record: ResourceRecord) -> str:
        """Return an address the file can be read from without a key, for twelve hours."""
        expiry = str(self._seconds(record.organization_id) + LINK_SECONDS)
        query = {"org": record.organization_id, "expiry": expiry}
        query["sig"] = self._signature(record.resource_id, record.organization_id, expiry)
        return f"{self._base_url}{PATH}{record.resource_id}/content?{urlencode(query)}"

    def linked(self, file_id: str, *, org: str, expiry: str, sig: str) -> ResourceRecord | None:
        """Return the file a link leads to; None if the link is forged, too old or leads to what is gone."""
        genuine = hmac.compare_digest(sig.encode(), self._signature(file_id, org, expiry).encode())
        # Only what was signed here gets as far as being read as a number.
        if not genuine or int(expiry) <= self._seconds(org):
            return None
        return self.get(org, file_id)

    def at(self, organization_id: str, address: str) -> ResourceRecord | None:
        """Return the tenant's file an address names, by link or by ``s3_uri``; None if it is no address of ours."""
        for record in self._store.resources(organization_id, KIND) if address.startswith("s3://") else ():
            if record.body["s3_uri"] == address:
                return self.get(organization_id, record.resource_id)
        parts = urlsplit(address)
        if not address.startswith(f"{self._base_url}{PATH}") or not parts.path.endswith("/content"):
            return None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        file_id = parts.path.removesuffix("/content").rpartition("/")[2]
        return self.linked(file_id, **{name: query.get(name, "") for name in ("org", "expiry", "sig")})

    def is_link(self, address: str) -> bool:
        """Whether an address is one that was handed out here, good or not."""
        return address.startswith((f"{self._base_url}{PATH}", "s3://"))

    def drop(self, organization_id: str) -> None:
        """Forget every file of a tenant."""
        for record in self._store.resources(organization_id, KIND):
            self.delete(record)

    def discard_expired(self, organization_id: str | None = None) -> None:
        """Forget what need not be kept any longer."""
        for record in self._store.resources(organization_id, KIND):
            if self._is_over(record):
                self.delete(record)

    def discard_leftovers(self) -> None:
        """Remove files that an interrupted server left without a record, and what has expired."""
        self.discard_expired()
        known = {record.resource_id for record in self._store.resources(None, KIND)}
        if self._root.is_dir():
            for path in self._root.iterdir():
                if path.name not in known:
                    path.unlink(missing_ok=True)

    def _is_over(self, record: ResourceRecord) -> bool:
        expiry = record.body["expires_at"]
        return (
            expiry is not None and datetime.fromisoformat(expiry) <= self._owners.of(record.organization_id).clock.now()
        )

    def _signature(self, file_id: str, organization_id: str, expiry: str) -> str:
        return hmac.new(self._secret, f"{file_id}\n{organization_id}\n{expiry}".encode(), sha256).hexdigest()

    def _seconds(self, organization_id: str) -> int:
        return timegm(self._owners.of(organization_id).clock.now().timetuple())


def safe_name(name: str) -> str:
    """Return a file name with nothing in it that leads anywhere; at most 150 characters."""
    name = "".join(letter if letter.isprintable() and letter not in "/\\:\0" else "_" for letter in name).strip(". ")
    return name[-150:] or "file"
