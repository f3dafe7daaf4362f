"""Where each setting in force comes from: a flag, a variable, a line of the file, or the default.

Owns: the answer to "why does it use that?". Must not: fetch a key that is not in the
environment already, or show one: a key is described.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from skyvern_tui.config.checking import is_variable
from skyvern_tui.config.connection import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    CLOUD_URL,
    PROFILE_VARIABLE,
)
from skyvern_tui.config.locations import config_file
from skyvern_tui.config.settings import ENV_PREFIX, Profile, Settings, load_settings
from skyvern_tui.config.statements import line_of, lines_of


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's value and what set it. ``source`` is flag, environment, file, built in or default."""

    name: str
    value: Any
    source: str
    where: str = ""
    """The flag, the variable, or the file with the line."""

    def as_dict(self) -> dict[str, Any]:
        """Return it for a program."""
        return asdict(self)


def settings_in_force(describe: Any, env: Mapping[str, str] | None = None) -> list[Origin]:
    """Return every setting with its value and source; tables by their entries. Raises ConfigError.

    ``describe`` tells of a key without showing it (``client.secrets.describe_key``).
    """
    env = os.environ if env is None else env
    settings = load_settings()
    path = config_file()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    raw, lines = tomllib.loads(text), lines_of(text)

    def origin(place: tuple[str, ...], value: Any, name: str = "") -> Origin:
        variable = f"{ENV_PREFIX}{place[0].upper()}"
        shown = name or ".".join(place)
        if _is_in(_from_env(env, variable), place[1:]):
            return Origin(shown, value, "environment", variable)
        if _is_in(raw, place):
            line = line_of(lines, place)
            return Origin(shown, value, "file", f"{path}:{line}" if line else str(path))
        return Origin(shown, value, "default")

    found = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if not isinstance(value, dict):
            found.append(origin((name,), value))
            continue
        for entry, inner in value.items():
            if isinstance(inner, Profile):
                found += _profile_origins(entry, inner, origin, describe, env)
            else:
                found.append(origin((name, entry), inner))
    return found


def _profile_origins(
    name: str, profile: Profile, origin: Any, describe: Any, env: Mapping[str, str]
) -> Iterator[Origin]:
    for field in Profile.model_fields:
        value = getattr(profile, field)
        if field == "api_key_env" and value:
            # What is no name may be the key itself.
            known = is_variable(value)
            value = f"{value} ({_state(env.get(value, ''), describe)})" if known else "(not the name of a variable)"
        found = origin(("profiles", name, field), value)
        if found.source != "default":
            yield found


def _state(key: str, describe: Any) -> str:
    return f"set: {describe(key.strip())}" if key.strip() else "not set"


def connection_in_force(
    describe: Any,
    *,
    base_url: str | None = None,
    profile: str | None = None,
    mock: bool = False,
    env: Mapping[str, str] | None = None,
) -> list[Origin]:
    """Return which server is meant and where its key is from, in the order ``resolve.py`` has. Raises ConfigError."""
    env = os.environ if env is None else env
    if mock:
        return [Origin("server", "a mock on this machine", "flag", "--mock")]
    if base_url:
        return [Origin("server", base_url, "flag", "--base-url"), _env_key(describe, env)]
    if profile or env.get(PROFILE_VARIABLE):
        by_flag = ("flag", "--profile") if profile else ("environment", PROFILE_VARIABLE)
        return list(_of_profile(profile or env[PROFILE_VARIABLE], by_flag, describe, env))
    if env.get(BASE_URL_VARIABLE) or env.get(API_KEY_VARIABLE):
        url = env.get(BASE_URL_VARIABLE)
        by = ("environment", BASE_URL_VARIABLE) if url else ("default",)
        return [Origin("server", url or CLOUD_URL, *by), _env_key(describe, env)]
    chosen = next((o for o in settings_in_force(describe, env) if o.name == "profile" and o.value), None)
    if chosen is not None:
        return list(_of_profile(chosen.value, (chosen.source, chosen.where), describe, env))
    return [Origin("server", "none named: the app starts the local mock", "default")]


def _env_key(describe: Any, env: Mapping[str, str]) -> Origin:
    return Origin("key", _state(env.get(API_KEY_VARIABLE, ""), describe), "environment", API_KEY_VARIABLE)


def _of_profile(name: str, by: tuple[str, str], describe: Any, env: Mapping[str, str]) -> Iterator[Origin]:
    profile = load_settings().named(name)
    yield Origin("profile", name, *by)
    if profile.embedded:
        yield Origin("server", "a mock on this machine", "profile", name)
        return
    yield Origin("server", profile.base_url, "profile", name)
    if profile.api_key_env and env.get(profile.api_key_env, "").strip():
        yield Origin("key", _state(env[profile.api_key_env], describe), "environment", profile.api_key_env)
    elif profile.api_key_keyring:
        yield Origin("key", "in the system's keyring (not looked at)", "profile", name)
    elif profile.api_key_command:
        yield Origin("key", "from a command (not run)", "profile", name)
    else:
        yield Origin("key", "not set", "profile", name)
    if profile.read_only:
        yield Origin("read_only", value=True, source="profile", where=name)


def _from_env(env: Mapping[str, str], variable: str) -> Any:
    """Return what a variable sets: a table if it holds one, None if it is not there."""
    text = env.get(variable)
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_in(value: Any, place: tuple[str, ...]) -> bool:
    for name in place:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return value is not None
