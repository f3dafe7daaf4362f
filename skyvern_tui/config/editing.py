"""Writing the configuration file: a new one, one setting, one setting less.

Owns: what a written value means, and that a file is only ever replaced by one that can be
used. Must not: overwrite a file to make a new one, write a key, or touch lines that were
not asked for.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from skyvern_tui.config.checking import problems_in
from skyvern_tui.config.connection import ConfigError
from skyvern_tui.config.locations import config_file
from skyvern_tui.config.registry import NAME, commented_file, settings_known
from skyvern_tui.config.statements import changed, lines_of


def write_new() -> Path:
    """Write a file in which everything is commented out, and return it. Raises ConfigError if there is one."""
    path = config_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(commented_file())
    except FileExistsError:
        hint = "Change it with `skyvern-tui config set`, or move it away."
        raise ConfigError(f"There is a file already: {path}.", hint) from None
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error.strerror}.", "Check its permissions.") from error
    return path


def set_value(key: str, written: str, env: Mapping[str, str] | None = None) -> tuple[Path, Any]:
    """Set one setting in the file and return the file and the value. Raises ConfigError; then nothing is changed."""
    path = path_of(key)
    value = _value(path, written)
    return _write(path, value, os.environ if env is None else env), value


def unset(key: str, env: Mapping[str, str] | None = None) -> Path:
    """Take one setting out of the file, so that its default holds. Raises ConfigError; then nothing is changed."""
    return _write(path_of(key), None, os.environ if env is None else env)


def path_of(key: str) -> tuple[str, ...]:
    """Return the way to a setting written with dots. The id of an action has dots itself."""
    first, _, rest = key.strip().partition(".")
    if first == "keys" and rest:
        return (first, rest.strip('"'))
    parts = tuple(part.strip().strip('"') for part in key.split("."))
    if not all(parts):
        raise ConfigError(f"{key!r} is no setting.", "Write it with dots: profiles.work.base_url.")
    return parts


def _value(path: tuple[str, ...], written: str) -> Any:
    """Return what is meant: a text as it is, unless the setting is a flag or a list."""
    kind = next((s.kind for s in settings_known() if _is_like(path, s.path)), "")
    if kind == "table":
        raise ConfigError(f"{path[0]} is a table.", f"Set one of its entries: {path[0]}.NAME...")
    if kind == "text" or kind.startswith("`"):
        return written
    text = written.strip()
    if text in ("true", "false"):
        return text == "true"
    if kind == "yes or no":
        raise ConfigError(f"{'.'.join(path)} has to be true or false.")
    if text.startswith("["):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{written!r} is no list: {error}.", 'Write it as ["x", "ctrl+x"].') from error
    return written


def _is_like(path: tuple[str, ...], known: tuple[str, ...]) -> bool:
    return len(path) == len(known) and all(k in (NAME, p) for p, k in zip(path, known, strict=True))


def _write(place: tuple[str, ...], value: Any, env: Mapping[str, str]) -> Path:
    # A link is followed, so that a file kept elsewhere stays one.
    path = config_file().resolve()
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if value is None and place not in lines_of(text):
            raise ConfigError(f"{'.'.join(place)} is not set in {path}.", "`skyvern-tui config show` shows what is.")
        after = changed(text, place, value)
    except (ValueError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{'.'.join(place)} can't be changed in {path}: {error}.", "Change it by hand.") from error
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.", "Check its permissions.") from error
    before = {str(problem) for problem in problems_in(text, path, env)}
    wrong = [p for p in problems_in(after, path, env) if p.severe and str(p) not in before]
    if wrong:
        raise ConfigError(f"{wrong[0].key}: {wrong[0].text}", wrong[0].hint)
    scratch = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(after, encoding="utf-8")
        with suppress(FileNotFoundError):
            scratch.chmod(path.stat().st_mode)
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ConfigError(f"{path} can't be written: {error.strerror}.", "Check its permissions.") from error
    return path
