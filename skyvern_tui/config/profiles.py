"""The profiles there are, for a list to choose from, and adding one to the file.

Owns: facts about profiles without their keys, and the lines a new profile is written as.
Must not: fetch a key, or rewrite what a person wrote in the file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyvern_tui.config.connection import ConfigError
from skyvern_tui.config.locations import config_file

if TYPE_CHECKING:
    from skyvern_tui.config.settings import Profile, Settings

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """One profile as a list shows it."""

    name: str
    where: str
    """Its address, or what it is."""
    key_from: str
    """Where its key comes from, in words."""
    read_only: bool = False
    embedded: bool = False
    built_in: bool = False


def profiles_known(settings: Settings | None = None) -> list[ProfileFacts]:
    """Return all profiles, those of the file first. Raises ConfigError for a file that can't be used."""
    from skyvern_tui.config.settings import BUILT_IN, load_settings  # noqa: PLC0415 - costs as much as a client

    settings = load_settings() if settings is None else settings
    own = [_facts(name, profile) for name, profile in settings.profiles.items()]
    return [*own, *(_facts(n, p, built_in=True) for n, p in BUILT_IN.items() if n not in settings.profiles)]


def _facts(name: str, profile: Profile, *, built_in: bool = False) -> ProfileFacts:
    if profile.embedded:
        return ProfileFacts(name, "a mock on this machine", "its own", embedded=True, built_in=built_in)
    ways = [
        profile.api_key_env and f"${profile.api_key_env}",
        profile.api_key_keyring and "keyring",
        profile.api_key_command and "a command",
    ]
    key_from = " or ".join(way for way in ways if way) or "no key"
    return ProfileFacts(name, profile.base_url, key_from, profile.read_only, built_in=built_in)


def add_profile(
    name: str, base_url: str, *, api_key_env: str = "", keyring: bool = False, read_only: bool = False
) -> None:
    """Write a new profile at the end of the configuration file. Raises ConfigError; a key is never written."""
    from skyvern_tui.config.settings import Profile, load_settings  # noqa: PLC0415 - as above

    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} can't be a profile's name.", "Use letters, digits, - and _.")
    if name in load_settings().profiles:
        raise ConfigError(f"There is a profile {name!r} already.", f"Change it in {config_file()}.")
    try:
        url = Profile(base_url=base_url).base_url
    except ValueError:
        raise ConfigError(f"The address {base_url!r} needs a scheme.", "http://... or https://...") from None
    lines = ["", f"[profiles.{name}]", f"base_url = {json.dumps(url)}"]
    if api_key_env:
        lines.append(f"api_key_env = {json.dumps(api_key_env)}")
    if keyring:
        lines.append("api_key_keyring = true")
    if read_only:
        lines.append("read_only = true")
    path = config_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error.strerror}.", "Check its permissions.") from error
