"""Make and execute the example notebook: ``python docs/notebook.py [target]`` (default: ``docs/notebook.ipynb``).

Starts a mock server, runs every cell against it in a kernel of its own, and writes the notebook with what the cells
showed. Fails if a cell does. Addresses are written as those of a server on its usual port.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from sameness import lasting

from skyvern_tui.embedded import WARM_COMMAND, EmbeddedMock

TARGET: Final = Path(__file__).parent / "notebook.ipynb"
_TIMEOUT: Final = 180
_ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:\d+")

CELLS: Final = (
    (
        "markdown",
        """# A task in a notebook

Start a mock server with `skyvern-mock serve`, or use Skyvern itself; then say where it is and who asks:

```shell
export SKYVERN_BASE_URL=http://127.0.0.1:8000 SKYVERN_API_KEY=mock-local-key
```

`await` works at the top of a cell.""",
    ),
    (
        "code",
        """from skyvern_tui.client import AsyncSkyvern

client = AsyncSkyvern()
sites = {site.name: site.url for site in await client.get_mock_sites()}
await client.get_version()""",
    ),
    ("markdown", "Start a task. What comes back is the run as it was created."),
    ("code", """run = await client.run_task("Get the title of the top post", url=sites["news"])\nrun"""),
    (
        "markdown",
        "Follow it. The display below changes in place until the run is over; an outage of the server shows, too.",
    ),
    ("code", """handle = client.run(run.run_id)\nrun = await handle.show(screenshots=False)"""),
    ("code", "run.output"),
    ("markdown", "What happened, oldest first:"),
    ("code", "await handle.timeline()"),
    ("markdown", "What it left. An image that was fetched by its record is shown with it."),
    (
        "code",
        """shots = await handle.artifacts("screenshot_action")
await client.get_artifact_content(shots[0])
shots[0]""",
    ),
    ("markdown", "The same as a stream of typed changes, from the beginning, for code that does something with them:"),
    (
        "code",
        """from skyvern_tui.client import ArtifactAdded

async for change in client.run(run.run_id).watch():
    if not isinstance(change, ArtifactAdded):
        print(type(change).__name__)""",
    ),
    ("markdown", "Everything on disk, verified; a broken download goes on where it broke."),
    (
        "code",
        """import tempfile

with tempfile.TemporaryDirectory() as folder:
    files = await handle.download_all(folder, artifact_type=["screenshot_final", "recording", "har"])
    print(*sorted(path.suffix for path in files))

await client.close()""",
    ),
)


def make() -> Any:
    """Return the notebook, not yet executed; its cells have the same ids every time."""
    notebook = nbformat.v4.new_notebook()
    for number, (kind, source) in enumerate(CELLS):
        new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        notebook.cells.append(new(source, id=f"cell-{number}"))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def execute(notebook: Any) -> Any:
    """Run all cells against a mock server of their own; raises CellExecutionError."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data,
        EmbeddedMock(Path(data) / "mock", command=WARM_COMMAND) as server,
    ):
        os.environ.update(SKYVERN_BASE_URL=server.base_url, SKYVERN_API_KEY=server.api_key or "")
        NotebookClient(notebook, timeout=_TIMEOUT, kernel_name="python3", record_timing=False).execute()
    notebook.metadata.pop("language_info", None)
    return nbformat.from_dict(json.loads(_ADDRESS.sub("http://127.0.0.1:8000", json.dumps(notebook))))


def write(target: Path) -> None:
    """Write the executed notebook, unless the file shows the same but for ids, times and sizes."""
    notebook = execute(make())
    if not target.exists() or lasting(target.read_text(encoding="utf-8")) != lasting(nbformat.writes(notebook) + "\n"):
        nbformat.write(notebook, target)


def main() -> None:
    """Write the executed notebook."""
    target = Path(sys.argv[1]) if sys.argv[1:] else TARGET
    write(target)
    print(target)


if __name__ == "__main__":
    main()
