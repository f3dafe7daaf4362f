"""Everything that can be set, as facts: names, kinds, defaults, variables, what they are for.

Owns: the list made from the models, the commented file a user begins with, the JSON Schema
and the table for the documentation. Must not: read anybody's settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from skyvern_tui.config.connection import API_KEY_VARIABLE, BASE_URL_VARIABLE
from skyvern_tui.config.locations import CONFIG_VARIABLE
from skyvern_tui.config.settings import ENV_PREFIX, Profile, Settings
from skyvern_tui.config.statements import value_text

NAME: Final = "NAME"
"""What stands, in the way to a setting, for a name the user gives."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. ``path`` is the way to it in the file, ``variable`` what sets it too."""

    path: tuple[str, ...]
    kind: str
    default: Any
    help: str
    variable: str = ""

    @property
    def written(self) -> str:
        """The way to it with dots."""
        return ".".join(self.path)


VARIABLES: Final = {
    API_KEY_VARIABLE: "The API key of the server at SKYVERN_BASE_URL, or of the cloud.",
    BASE_URL_VARIABLE: "Where the server is that SKYVERN_API_KEY is for.",
    CONFIG_VARIABLE: "The configuration file, if it is to be another than the usual one.",
    "NO_COLOR": "Set to anything: no colours.",
    "VISUAL": "The editor that long texts are handed to; before EDITOR.",
    "EDITOR": "The editor that long texts are handed to.",
    "SKYVERN_PAGER": "The program that texts are piped to; before PAGER.",
    "PAGER": "The program that texts are piped to.",
}
"""Variables that are not a setting of the file under another name."""


def settings_known() -> Iterator[Setting]:
    """Yield every setting, those of a profile after the table of profiles."""
    for name, field in Settings.model_fields.items():
        yield Setting((name,), _kind(field), _default(field), _help(field), f"{ENV_PREFIX}{name.upper()}")
        if name == "profiles":
            for inner, its_field in Profile.model_fields.items():
                yield Setting((name, NAME, inner), _kind(its_field), _default(its_field), _help(its_field))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration file."""
    found = Settings.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "skyvern-tui configuration"}


def names_at(path: tuple[str, ...]) -> list[str]:
    """Return what may be set in the table at ``path``; nothing if its names are the user's own."""
    model: type[BaseModel] | None = {0: Settings, 2: Profile}.get(len(path))  # type: ignore[assignment]  # classes
    if model is Profile and path[0] != "profiles":
        return []
    return list(model.model_fields) if model is not None else []


def choices_at(path: tuple[str, ...]) -> list[str]:
    """Return the texts a setting may be, nothing if it is not a choice."""
    field = Settings.model_fields.get(path[0]) if len(path) == 1 else None
    return [] if field is None else [value for value in get_args(field.annotation) if isinstance(value, str)]


def commented_file() -> str:
    """Return a configuration file in which everything is there and commented out."""
    lines = [
        "# Settings of skyvern-tui. A line without its # takes effect; what is shown is the default or an example.",
        "# Keys of servers have no place here: name where they come from.",
        "",
    ]
    tables = []
    for setting in settings_known():
        if len(setting.path) == 1 and isinstance(setting.default, dict):
            tables.append(setting)
        elif len(setting.path) == 1:
            shown = setting.default if setting.default is not None else "work"
            lines += [*_comment(setting.help), f"# {setting.path[0]} = {value_text(shown)}", ""]
    for table in tables:
        lines += [*_comment(table.help), *_table_lines(table), ""]
    return "\n".join(lines)


def _table_lines(table: Setting) -> Iterator[str]:
    name = table.path[0]
    if name == "profiles":
        yield "# [profiles.work]"
        examples = {"api_key_env": "WORK_SKYVERN_KEY", "api_key_command": "pass show skyvern"}
        for setting in settings_known():
            if len(setting.path) == 3:  # noqa: PLR2004 - profiles.NAME.setting
                inner = setting.path[-1]
                shown = examples.get(inner, setting.default)
                yield f"# {inner} = {value_text(shown)}  # {setting.help}"
    elif name == "keys":
        yield "# [keys]"
        yield '# "runs.cancel" = ["x", "ctrl+x"]'
    else:
        yield f"# [{name}.mine]"
        yield "# dark = true"
        yield '# primary = "#ff9e64"'


def reference() -> str:
    """Return the page about the settings: a table of each kind."""
    lines = ["| setting | kind | default | what | variable |", "|---|---|---|---|---|"]
    for setting in settings_known():
        default = "" if setting.default in (None, {}) else f"`{json.dumps(setting.default)}`"
        variable = f"`{setting.variable}`" if setting.variable else ""
        lines.append(f"| `{setting.written}` | {setting.kind} | {default} | {setting.help} | {variable} |")
    lines += ["", "| variable | what |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in VARIABLES.items()]
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    return [f"# {text}"]


def _help(field: FieldInfo) -> str:
    return " ".join((field.description or "").replace("``", "`").split())


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _kind(field: FieldInfo) -> str:
    words = choices if (choices := get_args(field.annotation)) and all(isinstance(c, str) for c in choices) else None
    if words:
        return ", ".join(f"`{word}`" for word in words)
    default = _default(field)
    if isinstance(default, dict):
        return "table"
    return "yes or no" if isinstance(default, bool) else "text"
