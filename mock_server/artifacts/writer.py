"""The one way a file becomes an artifact.

Owns: where files lie, that a file is whole before its record exists, the limit on size,
checksums. Must not: know runs, routes or what is inside a file.

Files are written under a temporary name and renamed, then recorded. Nothing is forced
to the platter: after a power cut a file may be missing, never half there under its name.
"""

from __future__ import annotations

import asyncio
import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from mock_server.artifacts.kinds import KINDS
from mock_server.clock import Clock
from mock_server.ids import IdFactory
from mock_server.store.records import ArtifactRecord
from mock_server.store.store import Store
from mock_server.tenancy import OneForAll, Owners

_CHUNK_BYTES: Final = 1 << 20
_MOMENT: Final = "%Y-%m-%dT%H%M%S.%f"
"""No colons: some file systems forbid them."""
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,16}$")


class ArtifactError(Exception):
    """An artifact was not stored; the message says why and what to do."""


class ArtifactTooLargeError(ArtifactError):
    """It is larger than one artifact may be. The run can go on without it."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What an artifact belongs to."""

    organization_id: str
    run_id: str
    task_id: str
    step_id: str | None = None
    step_order: int = 0
    workflow_run_id: str | None = None
    workflow_run_block_id: str | None = None
    observer_thought_id: str | None = None
    action_id: str | None = None


class ArtifactWriter:
    """Writes artifacts below ``root`` and records them.

    Raises:
        ArtifactTooLargeError: More than ``limit`` bytes.
        ArtifactError: The file could not be written.
        StoreError: It was written but could not be recorded.
    """

    def __init__(
        self,
        root: Path,
        store: Store,
        ids: IdFactory,
        clock: Clock,
        *,
        limit: int = 128 << 20,
        owners: Owners | None = None,
    ) -> None:
        self.root: Final = root
        self._partial = root / ".partial"
        self._store = store
        self._owners = owners or OneForAll(clock, ids)
        self._limit = limit

    def write(
        self,
        artifact_type: str,
        data: bytes,
        belonging: Belonging,
        *,
        filename: str | None = None,
        source_url: str | None = None,
    ) -> ArtifactRecord:
        """Store ``data`` as an artifact and return its record."""
        self._check_size(artifact_type, len(data))
        record = self._draft(artifact_type, belonging, filename, source_url)
        part = self._partial / record.artifact_id
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            _move(part, self.path(record))
        except OSError as error:
            raise self._not_stored(artifact_type, part, error) from error
        record.file_size, record.checksum = len(data), sha256(data).hexdigest()
        self._store.add_artifact(record)
        return record

    async def adopt(self, artifact_type: str, source: Path, belonging: Belonging) -> ArtifactRecord:
        """Move a finished file in and return its record. Yields to other tasks while it reads a large one."""
        record = self._draft(artifact_type, belonging, source.name, None)
        record.filename = None
        digest = sha256()
        try:
            self._check_size(artifact_type, _size(source))
            for chunk in _chunks(source):
                digest.update(chunk)
                record.file_size += len(chunk)
                await asyncio.sleep(0)
            _move(source, self.path(record))
        except OSError as error:
            raise self._not_stored(artifact_type, source, error) from error
        record.checksum = digest.hexdigest()
        self._store.add_artifact(record)
        return record

    def path(self, record: ArtifactRecord) -> Path:
        """Return the absolute path of the artifact's file."""
        return self.root / record.path

    def uri(self, record: ArtifactRecord) -> str:
        """Return the artifact's ``file:`` URI."""
        return f"file://{quote(self.path(record).as_posix())}"

    def discard(self, organization_id: str) -> None:
        """Delete every file of an organization; its records are the store's."""
        shutil.rmtree(self.root / organization_id, ignore_errors=True)

    def discard_leftovers(self) -> None:
        """Delete what a killed server left half written."""
        shutil.rmtree(self._partial, ignore_errors=True)

    # -- inside -------------------------------------------------------------------------

    def _draft(
        self, artifact_type: str, belonging: Belonging, filename: str | None, source_url: str | None
    ) -> ArtifactRecord:
        """Return the record with all but the size and checksum of its file."""
        tenant = self._owners.of(belonging.organization_id)
        now = tenant.clock.now()
        artifact_id = tenant.ids.new("a")
        extension = KINDS[artifact_type].extension
        if not extension and filename and (suffix := _SUFFIX.search(filename)):
            extension = suffix.group()
        owner = belonging.step_id or belonging.observer_thought_id or "run"
        path = PurePosixPath(
            belonging.organization_id,
            belonging.task_id,
            f"{belonging.step_order:02d}_0_{owner}",
            f"{now.strftime(_MOMENT)}_{artifact_id}_{artifact_type}{extension}",
        )
        return ArtifactRecord(
            artifact_id=artifact_id,
            run_id=belonging.run_id,
            organization_id=belonging.organization_id,
            artifact_type=artifact_type,
            path=str(path),
            file_size=0,
            checksum="",
            created_at=now,
            modified_at=now,
            filename=filename,
            source_url=source_url,
            task_id=belonging.task_id,
            step_id=belonging.step_id,
            workflow_run_id=belonging.workflow_run_id,
            workflow_run_block_id=belonging.workflow_run_block_id,
            observer_thought_id=belonging.observer_thought_id,
            action_id=belonging.action_id,
        )

    def _check_size(self, artifact_type: str, size: int) -> None:
        if size > self._limit:
            raise ArtifactTooLargeError(
                f"The {artifact_type} of {size:,} bytes is larger than an artifact may be ({self._limit:,} bytes)."
            )

    def _not_stored(self, artifact_type: str, leftover: Path, error: OSError) -> ArtifactError:
        with suppress(OSError):  # The next start cleans up; the first error is the one to tell.
            leftover.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return ArtifactError(
                f"The disk is full: the {artifact_type} could not be stored below {self.root}. "
                "Free some space and run the task again."
            )
        return ArtifactError(
            f"The {artifact_type} could not be stored below {self.root}: {error.strerror or error}. "
            "Check that the directory can be written and run the task again."
        )


def _size(path: Path) -> int:
    return path.stat().st_size


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
