"""The store: records in, records out.

Owns: every query. Must not: decide anything about runs. It is used from one thread, the
event loop's, and every call is synchronous: a committed insert takes about 20 µs, less
than a hop to another thread, and an event loop without threads can run on virtual time.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from mock_server.store.errors import StoreError
from mock_server.store.records import ArtifactRecord, ResourceRecord, RunRecord, TimelineRecord
from mock_server.store.rows import Rows, contains_pattern, marks
from mock_server.store.schema import connect

_RUNS: Final = Rows(RunRecord)
_TIMELINE: Final = Rows(TimelineRecord)
_ARTIFACTS: Final = Rows(ArtifactRecord)
_RESOURCES: Final = Rows(ResourceRecord)

_RUN_COLUMNS: Final = ", ".join(_RUNS.columns)
_TIMELINE_COLUMNS: Final = ", ".join(_TIMELINE.columns)
_ARTIFACT_COLUMNS: Final = ", ".join(_ARTIFACTS.columns)
_RESOURCE_COLUMNS: Final = ", ".join(_RESOURCES.columns)

# SQL made of strings: all these pieces are constants of this package, values go in as parameters.
_INSERT_RUN: Final = f"INSERT INTO runs ({_RUN_COLUMNS}, search_text) VALUES ({marks(_RUNS.columns)}, ?)"
_SAVE_RUN: Final = f"UPDATE runs SET {', '.join(f'{name} = ?' for name in _RUNS.columns)} WHERE run_id = ?"
_PUT_TIMELINE: Final = (
    f"INSERT INTO timeline ({_TIMELINE_COLUMNS}) VALUES ({marks(_TIMELINE.columns)}) "
    "ON CONFLICT (item_id) DO UPDATE SET body = excluded.body, modified_at = excluded.modified_at"
)
_ADD_ARTIFACT: Final = f"INSERT INTO artifacts ({_ARTIFACT_COLUMNS}) VALUES ({marks(_ARTIFACTS.columns)})"
_FIND_RUN: Final = f"SELECT {_RUN_COLUMNS} FROM runs WHERE organization_id = ? AND (run_id = ? OR workflow_run_id = ?)"
_UNFINISHED: Final = f"SELECT {_RUN_COLUMNS} FROM runs WHERE finished_at IS NULL ORDER BY created_at, list_id"
_SCRIPTED: Final = f"SELECT {_RUN_COLUMNS} FROM runs WHERE script IS NOT NULL ORDER BY created_at, list_id"
_HAS_UNFINISHED: Final = "SELECT 1 FROM runs WHERE organization_id = ? AND finished_at IS NULL LIMIT 1"
_HAS_RUN: Final = "SELECT 1 FROM runs WHERE organization_id = ? LIMIT 1"
_DELETE_TIMELINES: Final = "DELETE FROM timeline WHERE run_id IN (SELECT run_id FROM runs WHERE organization_id = ?)"
_FIND_TIMELINE: Final = f"SELECT {_TIMELINE_COLUMNS} FROM timeline WHERE run_id = ? ORDER BY created_at, item_id"
_PUT_RESOURCE: Final = (
    f"INSERT INTO resources ({_RESOURCE_COLUMNS}) VALUES ({marks(_RESOURCES.columns)}) "
    "ON CONFLICT (resource_id) DO UPDATE SET body = excluded.body, modified_at = excluded.modified_at"
)
_FIND_RESOURCE: Final = (
    f"SELECT {_RESOURCE_COLUMNS} FROM resources WHERE organization_id = ? AND kind = ? AND resource_id = ?"
)
_IN_STATE: Final = (
    f"SELECT {_RESOURCE_COLUMNS} FROM resources WHERE kind = ? AND json_extract(body, '$.state') = ? "
    "ORDER BY created_at, resource_id"
)
_DELETE_RESOURCE: Final = "DELETE FROM resources WHERE organization_id = ? AND kind = ? AND resource_id = ?"
_FIND_ARTIFACT: Final = f"SELECT {_ARTIFACT_COLUMNS} FROM artifacts WHERE artifact_id = ?"

HOT_RUNS: Final = 2048
"""How many finished runs are kept in memory; polling reads the same few again and again."""

_EVICTION_SCAN: Final = 8
"""How many runs are looked at to forget one; keeps an insert cheap while thousands wait."""


class Store:
    """Runs, timelines and artifacts of all organizations, in one SQLite file.

    A run is handed out as one shared object while it is in memory: whoever changes it
    saves it before the next ``await``.

    Raises:
        StoreError: On opening or on any call; the message says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)
        self._hot: OrderedDict[str, RunRecord] = OrderedDict()
        self._alias: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        self._timeline_revisions: dict[str, int] = {}
        self._revision = 0

    def close(self) -> None:
        """Write everything back to the one file and close it."""
        self._connection.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Make what is written in the block one transaction: after a crash all of it is there, or nothing.

        There must be no ``await`` in the block, whose writes would be in it as well. What an error
        takes back on disk is not taken back in records the caller changed.
        """
        self._execute("BEGIN IMMEDIATE", ())
        try:
            yield
            self._execute("COMMIT", ())
        except BaseException:
            if self._connection.in_transaction:
                self._execute("ROLLBACK", ())
            raise

    # -- runs ---------------------------------------------------------------------------

    def insert_run(self, run: RunRecord) -> None:
        """Add a run; it is on disk when this returns."""
        search_text = "\n".join((run.title or "", run.request.get("url") or "", run.run_id)).lower()
        self._execute(_INSERT_RUN, (*_RUNS.row(run), search_text))
        self._keep(run)
        # Ids may come again after a reset, and nothing cached for the earlier run is good for this one.
        self._bump(run.run_id)
        self._timeline_revisions[run.run_id] = self._revision

    def save_run(self, run: RunRecord) -> None:
        """Write the run's present state."""
        self._execute(_SAVE_RUN, (*_RUNS.row(run), run.run_id))
        self._keep(run)
        self._bump(run.run_id)

    def run(self, organization_id: str, run_id: str) -> RunRecord | None:
        """Return the run of that id, or whose hidden workflow run has it; None if the organization has none."""
        hot = self._hot.get(self._alias.get(run_id, run_id))
        if hot is not None:
            self._hot.move_to_end(hot.run_id)
            return hot if hot.organization_id == organization_id else None
        rows = self._execute(_FIND_RUN, (organization_id, run_id, run_id))
        return self._shared(rows[0]) if rows else None

    def revision(self, run_id: str) -> int:
        """Return a number that changes whenever the run or its artifacts do. Takes a run id, not an alias."""
        return self._revisions.get(run_id, 0)

    def runs(
        self,
        organization_id: str,
        *,
        page: int,
        page_size: int,
        statuses: Sequence[str] = (),
        run_types: Sequence[str] = (),
        search: str | None = None,
        workflows: Sequence[str] = (),
    ) -> list[RunRecord]:
        """Return one page of runs, newest first; pages count from 1.

        ``search`` is a case-insensitive substring of title, url or run id; ``workflows`` are the ``wpid_``
        ids of those whose runs are wanted, tasks not among them.
        """
        where, values = ["organization_id = ?"], [organization_id]
        for column, wanted in (("status", statuses), ("run_type", run_types)):
            if wanted:
                where.append(f"{column} IN ({marks(wanted)})")
                values.extend(wanted)
        if workflows:
            where.append(f"workflow_run_id = run_id AND workflow_permanent_id IN ({marks(workflows)})")
            values.extend(workflows)
        if search:
            where.append("search_text LIKE ? ESCAPE '\\'")
            values.append(contains_pattern(search))
        query = (
            f"SELECT {_RUN_COLUMNS} FROM runs WHERE {' AND '.join(where)} "
            "ORDER BY created_at DESC, list_id DESC LIMIT ? OFFSET ?"
        )
        rows = self._execute(query, (*values, page_size, (page - 1) * page_size))
        return [self._shared(row) for row in rows]

    def unfinished_runs(self) -> list[RunRecord]:
        """Return every run of every organization that has no final status, oldest first."""
        return [self._shared(row) for row in self._execute(_UNFINISHED, ())]

    def scripted_runs(self) -> list[RunRecord]:
        """Return every run of every organization whose script has something before it, oldest first."""
        return [self._shared(row) for row in self._execute(_SCRIPTED, ())]

    def has_unfinished(self, organization_id: str) -> bool:
        """Tell whether a run of the organization has no final status."""
        return bool(self._execute(_HAS_UNFINISHED, (organization_id,)))

    # -- timelines ----------------------------------------------------------------------

    def put_timeline(self, record: TimelineRecord) -> None:
        """Add a timeline item, or replace the body of one that is there."""
        self._execute(_PUT_TIMELINE, _TIMELINE.row(record))
        self._revision += 1
        self._timeline_revisions[record.run_id] = self._revision

    def timeline(self, run_id: str) -> list[TimelineRecord]:
        """Return a run's items, oldest first."""
        return [_TIMELINE.record(row) for row in self._execute(_FIND_TIMELINE, (run_id,))]

    def timeline_revision(self, run_id: str) -> int:
        """Return a number that changes whenever the run's timeline does. Takes a run id, not an alias."""
        return self._timeline_revisions.get(run_id, 0)

    # -- artifacts ----------------------------------------------------------------------

    def add_artifact(self, record: ArtifactRecord) -> None:
        """Add an artifact whose file is complete."""
        self._execute(_ADD_ARTIFACT, _ARTIFACTS.row(record))
        self._bump(record.run_id)

    def artifacts(self, organization_id: str, run_id: str, types: Sequence[str] = ()) -> list[ArtifactRecord]:
        """Return a run's artifacts, oldest first, all or those of the given types. Takes a run id, not an alias."""
        where = f" AND artifact_type IN ({marks(types)})" if types else ""
        query = (
            f"SELECT {_ARTIFACT_COLUMNS} FROM artifacts WHERE run_id = ? AND organization_id = ?{where} "
            "ORDER BY created_at, artifact_id"
        )
        return [_ARTIFACTS.record(row) for row in self._execute(query, (run_id, organization_id, *types))]

    def artifacts_of(self, organization_id: str, column: str, value: str) -> list[ArtifactRecord]:
        """Return the artifacts whose ``column``, a field's name, has a value, oldest first. Reads all there are."""
        if column not in _ARTIFACTS.columns:
            raise ValueError(f"An artifact has no field {column}.")
        query = (
            f"SELECT {_ARTIFACT_COLUMNS} FROM artifacts WHERE organization_id = ? AND {column} = ? "
            "ORDER BY created_at, artifact_id"
        )
        return [_ARTIFACTS.record(row) for row in self._execute(query, (organization_id, value))]

    def artifact(self, organization_id: str | None, artifact_id: str) -> ArtifactRecord | None:
        """Return the artifact of that id; None if there is none or it is another organization's.

        ``organization_id`` None asks whatever the organization, for links whose signature stands for the key.
        """
        rows = self._execute(_FIND_ARTIFACT, (artifact_id,))
        if not rows:
            return None
        found = _ARTIFACTS.record(rows[0])
        return found if organization_id in (None, found.organization_id) else None

    # -- everything beside runs -----------------------------------------------------------

    def put_resource(self, record: ResourceRecord) -> None:
        """Add a resource, or replace the body of the one that has its id."""
        self._execute(_PUT_RESOURCE, _RESOURCES.row(record))

    def resource(self, organization_id: str, kind: str, resource_id: str) -> ResourceRecord | None:
        """Return the resource of that kind and id; None if the organization has none."""
        rows = self._execute(_FIND_RESOURCE, (organization_id, kind, resource_id))
        return _RESOURCES.record(rows[0]) if rows else None

    def resources(
        self, organization_id: str | None, kind: str, *, parent_id: str | None = None
    ) -> list[ResourceRecord]:
        """Return the resources of a kind, oldest first; of every organization if None, of one parent if given."""
        where, values = ["kind = ?"], [kind]
        for column, wanted in (("organization_id", organization_id), ("parent_id", parent_id)):
            if wanted is not None:
                where.append(f"{column} = ?")
                values.append(wanted)
        query = (
            f"SELECT {_RESOURCE_COLUMNS} FROM resources WHERE {' AND '.join(where)} ORDER BY created_at, resource_id"
        )
        return [_RESOURCES.record(row) for row in self._execute(query, values)]

    def resources_in_state(self, kind: str, state: str) -> list[ResourceRecord]:
        """Return the resources of a kind, of every organization, whose body has that ``state``; oldest first."""
        return [_RESOURCES.record(row) for row in self._execute(_IN_STATE, (kind, state))]

    def delete_resource(self, organization_id: str, kind: str, resource_id: str) -> None:
        """Remove a resource, if it is there."""
        self._execute(_DELETE_RESOURCE, (organization_id, kind, resource_id))

    # -- whole organizations --------------------------------------------------------------

    def has_anything(self, organization_id: str, *, besides: Sequence[str] = ()) -> bool:
        """Tell whether the organization has a run, or a resource of a kind other than ``besides``."""
        other = f"SELECT 1 FROM resources WHERE organization_id = ? AND kind NOT IN ({marks(besides)}) LIMIT 1"
        return bool(self._execute(_HAS_RUN, (organization_id,)) or self._execute(other, (organization_id, *besides)))

    def delete_organization(self, organization_id: str, *, but: Sequence[str] = ()) -> None:
        """Remove every run of the organization with its timeline and artifacts, and its resources but those kinds."""
        with self.at_once():
            self._execute(_DELETE_TIMELINES, (organization_id,))
            for table in ("artifacts", "runs"):
                self._execute(f"DELETE FROM {table} WHERE organization_id = ?", (organization_id,))
            query = f"DELETE FROM resources WHERE organization_id = ? AND kind NOT IN ({marks(but)})"
            self._execute(query, (organization_id, *but))
        for run in [run for run in self._hot.values() if run.organization_id == organization_id]:
            self._forget(run)

    # -- inside -------------------------------------------------------------------------

    def _execute(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"The store {self._path} failed: {error}. Check the free space and the permissions of its directory."
            ) from error

    def _bump(self, run_id: str) -> None:
        self._revision += 1
        self._revisions[run_id] = self._revision

    def _keep(self, run: RunRecord) -> None:
        self._hot[run.run_id] = run
        self._hot.move_to_end(run.run_id)
        if run.workflow_run_id is not None:
            self._alias[run.workflow_run_id] = run.run_id
        if len(self._hot) > HOT_RUNS:
            self._evict()

    def _evict(self) -> None:
        """Forget the run that was not asked for longest. One that is going on stays: its engine holds the object."""
        for _ in range(_EVICTION_SCAN):
            run_id, run = next(iter(self._hot.items()))
            if run.finished_at is None:
                self._hot.move_to_end(run_id)
                continue
            self._forget(run)
            return

    def _forget(self, run: RunRecord) -> None:
        del self._hot[run.run_id]
        self._alias.pop(run.workflow_run_id or "", None)
        self._revisions.pop(run.run_id, None)
        self._timeline_revisions.pop(run.run_id, None)

    def _shared(self, row: Sequence[Any]) -> RunRecord:
        hot = self._hot.get(row[0])
        if hot is None:
            hot = _RUNS.record(row)
            self._keep(hot)
            # A fresh number, so that nothing cached before the run was forgotten is taken for current.
            self._bump(hot.run_id)
            self._timeline_revisions[hot.run_id] = self._revision
        return hot
