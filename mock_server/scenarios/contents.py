"""Files that scenario files lean on.

Owns: which file has which digest. A scenario file names a file beside it; the scripts made of it
name its digest, so that a run's row stays small, and a script that comes over the network cannot
name a file of this machine. Must not: look for files.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from mock_server.artifacts.writer import ArtifactError

_known: Final[dict[str, Path]] = {}
"""Of this process: the files are the same for every server in it."""


def register(path: Path) -> str:
    """Return the digest of a file, which can be read under it from now on.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        found = sha256()
        while chunk := file.read(1 << 20):
            found.update(chunk)
    digest = found.hexdigest()
    _known[digest] = path.absolute()
    return digest


def read(digest: str) -> bytes:
    """Return the content of a file.

    Raises:
        ArtifactError: No file is known under the digest, or it has changed or gone since.
    """
    path = _known.get(digest)
    try:
        data = b"" if path is None else path.read_bytes()
    except OSError:
        data = b""
    if path is None or sha256(data).hexdigest() != digest:
        raise ArtifactError(
            f"The file with the digest {digest[:12]}… is not there (any more). Start the server with the scenario "
            "file that names it, and leave the files beside that as they are."
        )
    return data
