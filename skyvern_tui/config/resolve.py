"""From flags, environment and profiles to the one connection that is meant.

Owns: the order (flags, environment, profile, none) and the fetching of a key. A server and
its key always come from the same place: a key never goes to a server it was not set for.
Must not: talk to a server.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from skyvern_tui.config.connection import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    CLOUD_URL,
    PROFILE_VARIABLE,
    ConfigError,
    Connection,
)
from skyvern_tui.config.locations import config_file

if TYPE_CHECKING:
    from skyvern_tui.config.settings import Profile, Settings

_KEY_COMMAND_SECONDS: Final = 60.0


def resolve_connection(
    *,
    base_url: str | None = None,
    profile: str | None = None,
    mock: bool = False,
    settings: Settings | None = None,
    env: Mapping[str, str] | None = None,
) -> Connection | None:
    """Return the connection meant, or None if nothing names a server.

    The first that says something decides: the flags (``mock``, ``base_url`` or ``profile``, one at most),
    ``SKYVERN_TUI_PROFILE``, ``SKYVERN_BASE_URL`` and ``SKYVERN_API_KEY``, the file's ``profile``. An embedded
    connection has no ``base_url`` until its mock is started. Raises ConfigError.
    """
    env = os.environ if env is None else env
    if sum((mock, base_url is not None, profile is not None)) > 1:
        raise ConfigError("--mock, --base-url and --profile exclude one another.", "Give one of them.")
    if mock:
        return Connection("", name="mock", embedded=True)
    if base_url is not None:
        return _direct(base_url, env.get(API_KEY_VARIABLE))
    if profile is None:
        profile = env.get(PROFILE_VARIABLE) or None
    if profile is None and (env.get(BASE_URL_VARIABLE) or env.get(API_KEY_VARIABLE)):
        return _direct(env.get(BASE_URL_VARIABLE) or CLOUD_URL, env.get(API_KEY_VARIABLE))
    if profile is None and settings is None and not config_file().exists():
        return None
    if settings is None:
        from skyvern_tui.config.settings import load_settings  # noqa: PLC0415 - costs a third of importing httpx

        settings = load_settings()
    name = profile or settings.profile
    return _from_profile(name, settings.named(name), env) if name else None


def _direct(base_url: str, api_key: str | None) -> Connection:
    url = base_url.strip().rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"The server's address {url!r} needs a scheme.", f"Write http://{url} or https://{url}.")
    return Connection(url, (api_key or "").strip(), "cloud" if url == CLOUD_URL else urlsplit(url).netloc)


def _from_profile(name: str, profile: Profile, env: Mapping[str, str]) -> Connection:
    if profile.embedded:
        return Connection("", name=name, embedded=True)
    return Connection(profile.base_url, _key(name, profile, env), name, read_only=profile.read_only)


def _key(name: str, profile: Profile, env: Mapping[str, str]) -> str:
    """Fetch a profile's key. What a failing command printed is not shown: it may hold a secret."""
    if profile.api_key_env and (key := env.get(profile.api_key_env, "").strip()):
        return key
    if profile.api_key_keyring:
        from skyvern_tui.config.secrets import stored_key  # noqa: PLC0415 - an extra

        key = stored_key(name)
        if not key:
            raise ConfigError(
                f"The keyring holds no key for profile {name!r}.",
                "Press K on it in the list of servers (f2) to store one.",
            )
        return key
    if profile.api_key_env:
        raise ConfigError(
            f"Profile {name!r} takes its key from {profile.api_key_env}, which is not set.",
            f"export {profile.api_key_env}=..., or use the local mock: --mock.",
        )
    if not profile.api_key_command:
        return ""
    hint = f"Run it by hand to see why: {profile.api_key_command}"
    try:
        words = shlex.split(profile.api_key_command)
        done = subprocess.run(  # noqa: S603 - the user's own command from the user's own file, without a shell
            words, capture_output=True, text=True, timeout=_KEY_COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        reason = "took too long" if isinstance(error, subprocess.TimeoutExpired) else "could not be run"
        raise ConfigError(f"The key command of profile {name!r} {reason}.", hint) from None
    key = done.stdout.strip()
    if done.returncode != 0 or not key:
        what = f"ended with status {done.returncode}" if done.returncode else "printed nothing"
        raise ConfigError(f"The key command of profile {name!r} {what}.", hint)
    return key
