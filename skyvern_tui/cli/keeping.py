"""A run's artifacts as files.

Owns: their names, and writing them into a directory. Must not: print.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from skyvern_tui.client import Artifact, Run, SkyvernError
from skyvern_tui.core.saving import safe_name, write_whole

if TYPE_CHECKING:
    from skyvern_tui.cli.source import Files, Source

_OWN_NAME: Final = frozenset({"download", "pdf"})
"""Types whose file has a name of its own, given by the page it came from."""


def file_names(artifacts: Sequence[Artifact], run: Run | None) -> Iterator[tuple[Artifact, str]]:
    """Yield each artifact with a file name that says what it is: ``07-screenshot_action.png``.

    Names are unique and count from the oldest on, so that a directory listing is in the order of the run.
    """
    given = {
        file.artifact_id: file.filename
        for file in (run.downloaded_files if run is not None else None) or []
        if file.artifact_id and file.filename
    }
    ordered = sorted(artifacts, key=lambda artifact: (artifact.created_at, artifact.artifact_id))
    width = max(2, len(str(len(ordered))))
    for number, artifact in enumerate(ordered, 1):
        yield artifact, safe_name(f"{number:0{width}d}-{_name(artifact, given.get(artifact.artifact_id))}")


def file_name(artifact: Artifact, run: Run | None) -> str:
    """Return a name for one artifact on its own."""
    return next(file_names([artifact], run))[1].partition("-")[2]


def _name(artifact: Artifact, given: str | None) -> str:
    last = unquote(PurePosixPath(urlsplit(artifact.uri).path).name)
    own = given or (last if artifact.artifact_type in _OWN_NAME else "")
    # Storage names begin with a time and the artifact's id; a reader wants neither.
    own = own.rpartition(f"{artifact.artifact_id}_")[2]
    return own or artifact.artifact_type + PurePosixPath(last).suffix


def keep(source: Source, directory: Path, *, on_error: Callable[[str, SkyvernError], object]) -> list[Path]:
    """Save a run, its timeline and its artifacts below ``directory``; return the files written.

    An artifact that cannot be had is told to ``on_error`` and left out. Raises OSError if the directory cannot be
    written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = [_write(directory / "run.json", source.run.model_dump(mode="json"))]
    try:
        timeline = source.timeline()
    except SkyvernError as error:
        on_error("timeline.json", error)
        timeline = None
    if timeline is not None:
        written.append(_write(directory / "timeline.json", [item.model_dump(mode="json") for item in timeline]))
    chosen = list(file_names(source.artifacts(), source.run))
    return written + keep_artifacts(source, chosen, directory, on_error=on_error)


def keep_artifacts(
    source: Files,
    chosen: Sequence[tuple[Artifact, str]],
    directory: Path,
    *,
    on_error: Callable[[str, SkyvernError], object],
) -> list[Path]:
    """Save artifacts under their names below ``directory``; return the files written. As :func:`keep`."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for artifact, name in chosen:
        try:
            written.append(source.save(artifact, directory / name))
        except SkyvernError as error:
            on_error(name, error)
    return written


def _write(path: Path, value: object) -> Path:
    return write_whole(path, f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode())
