"""The tables, and how a store of an older version becomes one of this version.

Owns: DDL and the version of it. Must not: hold queries. Everything here but the version
pragma is portable SQL; JSON is kept as text, times as ISO text with microseconds, which
sorts by age.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from mock_server.store.errors import StoreError, StoreTooNewError

_VERSION_1: Final = """
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    list_id TEXT NOT NULL,
    workflow_run_id TEXT UNIQUE,
    task_id TEXT NOT NULL,
    engine TEXT NOT NULL,
    run_type TEXT NOT NULL,
    status TEXT NOT NULL,
    request TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    queued_at TEXT,
    started_at TEXT,
    finished_at TEXT,
    output TEXT,
    summary TEXT,
    failure_reason TEXT,
    errors TEXT NOT NULL,
    step_count INTEGER,
    attempt INTEGER NOT NULL,
    title TEXT,
    workflow_id TEXT,
    workflow_permanent_id TEXT,
    search_text TEXT NOT NULL
);
CREATE INDEX runs_newest ON runs (organization_id, created_at, list_id);
CREATE INDEX runs_unfinished ON runs (created_at) WHERE finished_at IS NULL;

CREATE TABLE timeline (
    item_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id TEXT,
    attempt INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL
);
CREATE INDEX timeline_of_run ON timeline (run_id, created_at);

CREATE TABLE artifacts (
    artifact_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    artifact_type TEXT NOT NULL,
    path TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    filename TEXT,
    source_url TEXT,
    task_id TEXT,
    step_id TEXT,
    workflow_run_id TEXT,
    workflow_run_block_id TEXT,
    observer_thought_id TEXT,
    action_id TEXT
);
CREATE INDEX artifacts_of_run ON artifacts (run_id, created_at);
"""

_VERSION_2: Final = """
ALTER TABLE runs ADD COLUMN script TEXT;
ALTER TABLE runs ADD COLUMN browser_session_id TEXT;
ALTER TABLE runs ADD COLUMN script_run TEXT;

CREATE INDEX runs_scripted ON runs (created_at) WHERE script IS NOT NULL;

CREATE TABLE resources (
    resource_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id TEXT,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL
);
CREATE INDEX resources_of_kind ON resources (organization_id, kind, created_at);
CREATE INDEX resources_of_parent ON resources (parent_id, kind, created_at);
"""

MIGRATIONS: Final = (_VERSION_1, _VERSION_2)
"""Script number n leads from version n to n + 1. Published scripts are never edited."""

VERSION: Final = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database file, creating or upgrading it.

    Raises:
        StoreTooNewError: A newer release wrote the file.
        StoreError: The file cannot be opened or is not a store.
    """
    try:
        # Credentials lie in it. The files SQLite puts beside it get the same permissions.
        path.touch(mode=0o600)
        path.chmod(0o600)
        connection = sqlite3.connect(path, isolation_level=None)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"Cannot open the store {path}: {error}. Choose another --data-dir.") from error
    try:
        _prepare(connection, path)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise StoreError(
                f"Cannot use the store {path}: {error}. Choose another --data-dir, or move the file away."
            ) from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        raise StoreTooNewError(
            f"The store {path} has version {found}; this release reads up to {VERSION}. "
            "Start the newer release again, or choose another --data-dir."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 2000")
    for version in range(found, VERSION):
        connection.executescript(f"BEGIN; {MIGRATIONS[version]} PRAGMA user_version = {version + 1}; COMMIT;")
