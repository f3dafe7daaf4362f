"""A run's artifacts as files.

Owns: their names, and fetching them into a directory. Must not: print.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from skyvern_tui.client import Artifact, Run, Skyvern, SkyvernError
from skyvern_tui.core.saving import safe_name

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
        last = unquote(PurePosixPath(urlsplit(artifact.uri).path).name)
        own = given.get(artifact.artifact_id) or (last if artifact.artifact_type in _OWN_NAME else "")
        # Storage names begin with a time and the artifact's id; a reader wants neither.
        own = own.rpartition(f"{artifact.artifact_id}_")[2]
        name = own or artifact.artifact_type + PurePosixPath(last).suffix
        yield artifact, safe_name(f"{number:0{width}d}-{name}")


def keep(
    client: Skyvern,
    run: Run,
    directory: Path,
    *,
    on_error: Callable[[str, SkyvernError], object],
    artifact_type: Sequence[str] = (),
) -> list[Path]:
    """Save a run, its timeline and its artifacts below ``directory``; return the files written.

    An artifact that cannot be fetched is told to ``on_error`` and left out. Raises OSError if the directory cannot be
    written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    if not artifact_type:
        written.append(_write(directory / "run.json", run.model_dump(mode="json")))
        try:
            timeline = client.get_run_timeline(run.run_id)
        except SkyvernError:
            pass  # runs of some types have none
        else:
            written.append(_write(directory / "timeline.json", [item.model_dump(mode="json") for item in timeline]))
    found = client.get_run_artifacts(run.run_id, artifact_type=list(artifact_type) or None)
    for artifact, name in file_names(found, run):
        try:
            path = client.download_artifact(artifact, directory / name)
        except SkyvernError as error:
            on_error(name, error)
            continue
        written.append(path)
    return written


def _write(path: Path, value: object) -> Path:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return part.replace(path)
