"""Applications nobody of this project wrote, and five tasks in each.

Owns: how each is installed and started, what it holds at first, what is asked of it, and how its own state shows that
it was done. Must not: run the tasks. Nothing here is known to the agent.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Output = Any
Check = Callable[[Output, Path], bool]
"""Given the run's output and the application's folder, whether the task was done."""


@dataclass(frozen=True)
class Task:
    """One task; ``at`` is where it starts, below the application's address."""

    prompt: str
    check: Check
    at: str = "/"
    schema: dict[str, Any] | None = None


@dataclass(frozen=True)
class App:
    """An application: ``command`` runs in its folder, with the environment's executables and the port filled in."""

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    prepare: Callable[[Path], None]
    tasks: tuple[Task, ...]
    setup: tuple[tuple[str, ...], ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def shape(**properties: str) -> dict[str, Any]:
    """A schema of an object with these fields."""
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}


def listed(**properties: str) -> dict[str, Any]:
    """A schema of a list of such objects."""
    return {"type": "array", "items": shape(**properties)}


def value(output: Output) -> Any:
    """The one value of an output that has one."""
    while isinstance(output, (dict, list)) and len(output) == 1:
        output = next(iter(output.values())) if isinstance(output, dict) else output[0]
    return output


def says(text: str) -> Check:
    """Whether the output's one value holds a text."""
    return lambda output, _: text in str(value(output))


def _copy(name: str) -> Callable[[Path], None]:
    """Put a file of this folder into the application's."""

    def prepare(folder: Path) -> None:
        shutil.copy(Path(__file__).parent / name, folder)

    return prepare


# -- JupyterLab --------------------------------------------------------------------------


def _notes(folder: Path) -> None:
    (folder / "notes.txt").write_text("Buy seeds in March.\n")
    (folder / "towns.csv").write_text("town,people\nHarrowby,4100\nSaltgate,950\n")
    (folder / "readme.md").write_text("# Garden\n")


JUPYTERLAB: Final = App(
    "JupyterLab",
    ("jupyterlab",),
    (
        "{bin}/jupyter-lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port={port}",
        "--ServerApp.root_dir={folder}", "--IdentityProvider.token=", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ),
    _notes,
    (
        Task(
            "List the names of the files in the file browser",
            lambda output, _: {"notes.txt", "towns.csv", "readme.md"} <= {str(value(entry)) for entry in output or []},
            "/lab",
            listed(name="string"),
        ),
        Task("Click New Folder and press Enter", lambda _, folder: (folder / "Untitled Folder").is_dir(), "/lab"),
        Task(
            "Open the File menu, hover over New and click Text File",
            lambda _, folder: (folder / "untitled.txt").is_file(),
            "/lab",
        ),
        Task(
            "Create a Python 3 notebook from the launcher",
            lambda _, folder: any(folder.glob("Untitled*.ipynb")),
            "/lab",
        ),
        Task("Open notes.txt and get its text", says("Buy seeds in March."), "/lab", shape(text="string")),
    ),
)  # fmt: skip


# -- Gradio --------------------------------------------------------------------------------


def _sent(place: int, expected: Any) -> Check:
    def check(_: Output, folder: Path) -> bool:
        file = folder / "sent.json"
        return file.is_file() and json.loads(file.read_text())[place] == expected

    return check


GRADIO: Final = App(
    "Gradio",
    ("gradio",),
    ("{bin}/python", "gradio_demo.py", "{port}"),
    _copy("gradio_demo.py"),
    (
        Task(
            'Type "Ada" into Name, click Greet and get the greeting',
            says("Hello Ada!"),
            schema=shape(greeting="string"),
        ),
        Task(
            "Open the Calculator tab, enter 12 into First and 30 into Second, click Add and get the total",
            lambda output, _: str(value(output)) in ("42", "42.0"),
            schema=shape(total="number"),
        ),
        Task("Open the Journey tab, select Oslo from City and click Book", _sent(0, "Oslo")),
        Task("Open the Journey tab, choose Salad, check It is a gift and click Book", _sent(4, True)),
        Task("Open the Journey tab, check Window and Paper and click Book", _sent(3, ["Paper", "Window"])),
    ),
    environment={"GRADIO_ANALYTICS_ENABLED": "False"},
)


# -- Datasette -------------------------------------------------------------------------------

_TOWNS: Final = (
    ("Bergen", "Norway", 285000, 1070), ("Oslo", "Norway", 709000, 1040), ("Turku", "Finland", 195000, 1229),
    ("Lund", "Sweden", 94000, 990), ("Malmo", "Sweden", 325000, 1275), ("Tampere", "Finland", 249000, 1779),
    ("Aarhus", "Denmark", 285300, 770), ("Odense", "Denmark", 181000, 988), ("Uppsala", "Sweden", 177000, 1286),
)  # fmt: skip


def _towns(folder: Path) -> None:
    with sqlite3.connect(folder / "atlas.db") as database:
        database.execute("CREATE TABLE towns (name TEXT PRIMARY KEY, country TEXT, people INTEGER, founded INTEGER)")
        database.executemany("INSERT INTO towns VALUES (?, ?, ?, ?)", _TOWNS)
    database.close()


DATASETTE: Final = App(
    "Datasette",
    ("datasette",),
    ("{bin}/datasette", "serve", "atlas.db", "--port", "{port}"),
    _towns,
    (
        Task(
            "Open the table towns and list the name and people of all rows",
            lambda output, _: [(e["name"], e["people"]) for e in output or []] == sorted((t[0], t[2]) for t in _TOWNS),
            "/atlas",
            listed(name="string", people="integer"),
        ),
        Task("How many rows does the table have?", says(str(len(_TOWNS))), "/atlas/towns", shape(rows="integer")),
        Task(
            "Sort by people, highest first, and get the name of the first row",
            says("Oslo"),
            "/atlas/towns",
            shape(name="string"),
        ),
        Task("Click Lund and get the year it was founded", says("990"), "/atlas/towns", shape(founded="integer")),
        Task(
            'Select country from the column list, enter "Finland" into the filter value, click Apply and list the '
            "names",
            lambda output, _: [value(entry) for entry in output or []] == ["Tampere", "Turku"],
            "/atlas/towns",
            listed(name="string"),
        ),
    ),
)


# -- Django's admin ----------------------------------------------------------------------------

_PASSWORD: Final = "mill-race-42"
_LOGIN: Final = f"Log in with username admin and password {_PASSWORD}, "


def _rows(query: str, expected: list[tuple[Any, ...]]) -> Check:
    """Whether the application's database has exactly these rows."""

    def check(_: Output, folder: Path) -> bool:
        database = sqlite3.connect(folder / "site.db")
        try:
            return database.execute(query).fetchall() == expected
        finally:
            database.close()

    return check


DJANGO: Final = App(
    "Django admin",
    ("django",),
    ("{bin}/python", "django_site.py", "{port}"),
    _copy("django_site.py"),
    (
        Task(
            f"{_LOGIN}open Users and list the usernames and email addresses",
            lambda output, _: [value({"u": e["username"]}) for e in output or []] == ["ada", "admin", "bo"],
            "/admin/",
            listed(username="string", email_address="string"),
        ),
        Task(
            f'{_LOGIN}open Groups, click Add group, enter "Editors" into Name and click Save',
            _rows("SELECT count(*) FROM auth_group WHERE name = 'Editors'", [(1,)]),
            "/admin/",
        ),
        Task(
            f'{_LOGIN}open Users, click ada, enter "Ada" into First name and "Lovell" into Last name and click Save',
            _rows("SELECT first_name, last_name FROM auth_user WHERE username = 'ada'", [("Ada", "Lovell")]),
            "/admin/",
        ),
        Task(
            f"{_LOGIN}open Groups, click Old hands, click Delete, then click Yes, I'm sure",
            _rows("SELECT count(*) FROM auth_group WHERE name = 'Old hands'", [(0,)]),
            "/admin/",
        ),
        Task(
            f"{_LOGIN}open Users, click bo, uncheck Active and click Save",
            _rows("SELECT is_active FROM auth_user WHERE username = 'bo'", [(0,)]),
            "/admin/",
        ),
    ),
    setup=(("{bin}/python", "django_site.py", "prepare"),),
)

APPS: Final = (JUPYTERLAB, GRADIO, DATASETTE, DJANGO)
