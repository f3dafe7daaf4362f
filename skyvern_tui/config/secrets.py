"""Keys in the system's keyring.

Owns: reading and storing a profile's key there. Must not: write a key anywhere else, or
show one. The keyring library is an extra; without it the error says how to get it.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from skyvern_tui.config.connection import ConfigError

SERVICE: Final = "skyvern-tui"
_HINT: Final = "pip install 'skyvern-tui[keyring]', or use api_key_env or api_key_command."


def _keyring() -> ModuleType:
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError("Keys in the system's keyring need the keyring library.", _HINT) from None
    return keyring


def stored_key(profile: str) -> str:
    """Return a profile's key, empty if none is stored. Raises ConfigError when the keyring can't be used."""
    keyring = _keyring()
    try:
        return (keyring.get_password(SERVICE, profile) or "").strip()
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"The keyring can't be read: {type(error).__name__}.", _HINT) from None


def store_key(profile: str, key: str) -> None:
    """Store a profile's key; an empty one removes it. Raises ConfigError when the keyring can't be used."""
    keyring = _keyring()
    try:
        if key:
            keyring.set_password(SERVICE, profile, key)
        elif keyring.get_password(SERVICE, profile) is not None:
            keyring.delete_password(SERVICE, profile)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"The keyring can't be written: {type(error).__name__}.", _HINT) from None
