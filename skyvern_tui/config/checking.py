"""What is wrong with the settings: every fault with its line, its key and what was probably meant.

Owns: looking at file and environment as a whole. Must not: show the value of a setting (it
may be a key), run a command, or change anything.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from skyvern_tui.config.locations import config_file
from skyvern_tui.config.registry import choices_at, names_at
from skyvern_tui.config.settings import BUILT_IN, ENV_PREFIX, Settings
from skyvern_tui.config.statements import line_of, lines_of

Place = Callable[[tuple[str, ...]], tuple[str, int | None]]
"""From the way to a setting to where it was set, in words, and its line."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE = re.compile(r"\(at line (\d+)")
_WORDS = {"bool_type": "has to be true or false", "string_type": "has to be a text", "dict_type": "has to be a table"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong. ``where`` is a file with its line or a variable; a ``severe`` one keeps the settings unused."""

    where: str
    key: str
    text: str
    hint: str = ""
    severe: bool = True
    line: int | None = None

    def __str__(self) -> str:
        told = f"{self.where}: {self.key}: {self.text}" if self.key else f"{self.where}: {self.text}"
        return f"{told} {self.hint}".rstrip()


def problems(env: Mapping[str, str] | None = None) -> list[Problem]:
    """Return everything that is wrong with the file and the variables; a file that is not there is no problem."""
    env = os.environ if env is None else env
    path = config_file()
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except OSError as error:
        return [Problem(str(path), "", f"can't be read: {error.strerror}.", "Check its permissions.")]
    except UnicodeDecodeError:
        return [Problem(str(path), "", "is not UTF-8 text.", "Save it as UTF-8.")]
    return [*problems_in(text, path, env), *_problems_of_variables(env)]


def problems_in(text: str, path: Path, env: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with a text that is, or shall be, the file at ``path``."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = _LINE.search(str(error))
        line = int(told[1]) if told else len(text.splitlines())  # at the end of the document
        return [Problem(_at(path, line), "", f"is not TOML: {error}.", "Texts stand in quotes.", line=line)]
    lines = lines_of(text)

    def place(loc: tuple[str, ...]) -> tuple[str, int | None]:
        line = line_of(lines, loc)
        return _at(path, line), line

    try:
        settings = _Given(**values)
    except ValidationError as error:
        found = [_problem(dict(detail), place) for detail in error.errors(include_url=False)]
        return sorted(set(found), key=lambda problem: problem.line or 0)
    return list(_odd(settings, place, env))


class _Given(Settings):
    """Settings made of what is handed over, and of nothing else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def _problems_of_variables(env: Mapping[str, str]) -> Iterator[Problem]:
    for name, field in Settings.model_fields.items():
        variable = f"{ENV_PREFIX}{name.upper()}"
        value: Any = env.get(variable)
        if not value:
            continue
        if isinstance(field.get_default(call_default_factory=True), dict):
            try:
                value = json.loads(value)
            except ValueError:
                yield Problem(variable, name, "is not JSON, as a table in a variable has to be.")
                continue
        try:
            _Given(**{name: value})
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                yield _problem(dict(detail), lambda _, at=variable: (at, None))  # type: ignore[misc]  # a default binds


def _problem(detail: dict[str, Any], place: Place) -> Problem:
    """Return what the validation says in our words."""
    loc = tuple(str(part) for part in detail["loc"])
    where, line = place(loc)
    # What follows the name of a key or a colour is only the kind that was tried.
    shown = loc[:2] if loc[0] == "keys" else loc[:3]
    hint = ""
    if detail["type"] == "extra_forbidden":
        text, hint = "there is no such setting.", meant(loc[-1], names_at(loc[:-1]))
        if loc[-1] in ("api_key", "key"):
            hint = "Keys do not go into the file: use api_key_env, api_key_keyring or api_key_command."
    elif detail["type"] == "literal_error":
        text = f"has to be one of {', '.join(choices_at(loc))}."
        near = get_close_matches(str(detail["input"]).lower(), choices_at(loc), n=1)
        hint = f"Did you mean {near[0]}?" if near else ""
    elif loc[0] == "keys":
        text = "has to be a key, or a list of keys."
    else:
        text = f"{_WORDS.get(detail['type'], detail['msg'].removeprefix('Value error, ').rstrip('.'))}."
    return Problem(where, ".".join(shown), text, hint, line=line)


def meant(name: str, known: list[str]) -> str:
    """Return which of the ``known`` names may have been meant, or all of them."""
    near = get_close_matches(name.lower(), known, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."


def _at(path: Path, line: int | None) -> str:
    return f"{path}:{line}" if line else str(path)


def _odd(settings: Settings, place: Place, env: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what can be read but does not do what was meant."""
    known = sorted({*settings.profiles, *BUILT_IN})
    if settings.profile and settings.profile not in known:
        where, line = place(("profile",))
        yield Problem(where, "profile", "there is no such profile.", meant(settings.profile, known), line=line)
    for name, profile in settings.profiles.items():
        variable = profile.api_key_env
        key = f"profiles.{name}.api_key_env"
        where, line = place(("profiles", name, "api_key_env"))
        if variable and not is_variable(variable):
            hint = "If it is the key itself, take it out of the file and put it into a variable."
            yield Problem(where, key, "has to be the name of a variable.", hint, line=line)
        elif (
            variable and not env.get(variable, "").strip() and not (profile.api_key_keyring or profile.api_key_command)
        ):
            yield Problem(where, key, f"{variable} is not set.", f"export {variable}=...", severe=False, line=line)


def is_variable(name: str) -> bool:
    """Tell whether a text can be the name of an environment variable."""
    return _VARIABLE.fullmatch(name) is not None
