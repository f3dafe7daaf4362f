"""What a run is given beside its request: credentials, a way to codes, files.

Owns: turning the ids in a request into the things themselves, in the moment the run
begins, and the two callables that go out for the agent. Must not: store any of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mock_server.agent.events import Login, NoFileError, Task
from mock_server.store.records import ResourceRecord, RunRecord
from mock_server.tenancy import Owners
from mock_server.vault.codes import PushedCodes
from mock_server.vault.credentials import Credentials
from mock_server.vault.endpoint import CodeEndpoint
from mock_server.vault.fetching import Fetcher
from mock_server.vault.source import CodeSource, Tell
from mock_server.vault.uploads import Uploads, safe_name


class Outfit:
    """Equips the runs of all tenants, each from what its tenant left here."""

    def __init__(
        self,
        credentials: Credentials,
        codes: PushedCodes,
        uploads: Uploads,
        fetcher: Fetcher,
        owners: Owners,
        *,
        api_key: Callable[[str], str | None],
    ) -> None:
        self._credentials = credentials
        self._codes = codes
        self._uploads = uploads
        self._fetcher = fetcher
        self._owners = owners
        self._api_key = api_key

    def equip(self, task: Task, run: RunRecord, directory: Path, tell: Tell) -> Task:
        """Return the task with all its run may use. Files are laid into ``directory``; it goes when the run ends.

        Raises:
            OSError: A file could not be laid there.
        """
        directory.mkdir(parents=True, exist_ok=True)
        credential = self._credential_of(run)
        secret = credential.body["credential"] if credential is not None else {}
        login = Login(secret["username"], secret["password"]) if "username" in secret else None
        source = self._source(run, secret, tell)
        files = []
        for file_id in run.request.get("file_ids") or ():
            record = self._uploads.get(run.organization_id, file_id)
            if record is not None:
                files.append(str(self._lay_out(record, directory)))

        async def fetch(address: str) -> str:
            record = self._uploads.at(run.organization_id, address)
            if record is not None:
                return str(self._lay_out(record, directory))
            if self._uploads.is_link(address):
                raise NoFileError("The address of the uploaded file is not, or no longer, good. Upload it again.")
            return str(await self._fetcher.bring(address, directory))

        return replace(
            task,
            login=login,
            one_time_code=source if source.has_any else None,
            files=tuple(files),
            fetch_file=fetch,
        )

    def _credential_of(self, run: RunRecord) -> ResourceRecord | None:
        """Return the credentials a run logs in with. They may be gone since it was asked for; then the page decides."""
        credential_id = run.request.get("credential_id")
        return self._credentials.get(run.organization_id, credential_id) if credential_id else None

    def _source(self, run: RunRecord, secret: dict[str, str], tell: Tell) -> CodeSource:
        clock = self._owners.of(run.organization_id).clock
        url = run.request.get("totp_url")
        endpoint = (
            CodeEndpoint(url, run, self._fetcher, clock, lambda: self._api_key(run.organization_id)) if url else None
        )
        identifier = run.request.get("totp_identifier") or secret.get("totp_identifier")
        return CodeSource(
            run, clock, self._codes, tell, secret=secret.get("totp"), endpoint=endpoint, identifier=identifier
        )

    def _lay_out(self, record: ResourceRecord, directory: Path) -> Path:
        """Copy an upload to where the browser takes it from, under its own name."""
        folder = directory / record.resource_id
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / safe_name(record.body["filename"])
        shutil.copyfile(self._uploads.path(record), path)
        return path
