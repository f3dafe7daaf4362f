"""What the user set: profiles in a TOML file, and the environment.

Owns: the shape of the file, its reading and what is wrong with it. Must not: run commands
or decide between command line, environment and file; that is ``resolve.py``.

::

    profile = "work"                       # used when nothing else names a server

    [profiles.work]
    base_url = "https://skyvern.example.com"
    api_key_command = "pass show skyvern"  # or: api_key_env = "WORK_SKYVERN_KEY", or: api_key_keyring = true
    read_only = true                       # nothing that changes something on this server is let through

    [keys]                                 # keys of the terminal app, by action (docs/keys.md has the ids)
    "runs.cancel" = ["x", "ctrl+x"]

API keys themselves have no place in the file. The profiles ``cloud`` and ``mock`` are built in.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from skyvern_tui.config.connection import API_KEY_VARIABLE, CLOUD_URL, ConfigError
from skyvern_tui.config.locations import config_file
from skyvern_tui.config.preferences import AUTO, Notice, Preferences

ENV_PREFIX: Final = "SKYVERN_TUI_"


class Profile(BaseModel):
    """One server and where its key comes from: an environment variable, or a command that prints it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    base_url: str = CLOUD_URL
    """Where the server is, with ``http://`` or ``https://``."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key."""
    api_key_command: str | None = None
    """Command that prints the key; it is run without a shell, when the profile is used."""
    api_key_keyring: bool = False
    """The key is in the system's keyring, under the profile's name; a variable that is set wins over it."""
    read_only: bool = False
    """True refuses whatever changes something on the server."""
    embedded: bool = False
    """The local mock, started when needed; ``base_url`` and the key are then the mock's own."""

    @field_validator("base_url")
    @classmethod
    def _has_scheme(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} needs a scheme: http://... or https://...")
        return url.rstrip("/")


BUILT_IN: Final = {
    "cloud": Profile(api_key_env=API_KEY_VARIABLE),
    "mock": Profile(base_url="http://127.0.0.1", embedded=True),
}


class Settings(BaseSettings):
    """The settings in force: ``SKYVERN_TUI_*`` wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", use_attribute_docstrings=True
    )

    profile: str | None = None
    """The server used when no flag and no variable names one: a profile of this file, ``cloud`` or ``mock``."""
    profiles: dict[str, Profile] = Field(default_factory=dict)
    """Servers by name."""
    theme: str = AUTO
    """Colours of the terminal app: a theme's name, or ``auto`` for dark or light after the terminal's background."""
    themes: dict[str, dict[str, str | bool]] = Field(default_factory=dict)
    """Themes of the user's own: Textual's colours by name, and ``dark``."""
    keys: dict[str, str | list[str]] = Field(default_factory=dict)
    """Keys by action id, one or several; an empty list takes them away."""
    notice: Notice = "both"
    """What tells that a run ended while the terminal is not looked at: off, bell, notify or both."""

    def preferences(self) -> Preferences:
        """Return what concerns the app itself."""
        keys = {name: (given,) if isinstance(given, str) else tuple(given) for name, given in self.keys.items()}
        return Preferences(self.theme, self.themes, keys, self.notice)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the file anew each time: tests and the environment may move it."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())

    def named(self, name: str) -> Profile:
        """Return a profile; one in the file wins over a built-in one of the same name."""
        found = self.profiles.get(name) or BUILT_IN.get(name)
        if found is None:
            names = ", ".join(sorted({*self.profiles, *BUILT_IN}))
            raise ConfigError(f"There is no profile {name!r}.", f"Known: {names}. More go into {config_file()}.")
        return found


def load_settings() -> Settings:
    """Read environment and file. Raises ConfigError that names the file and the place in it."""
    path = config_file()
    try:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.", "Correct the line, or move the file away.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8, or move it away.") from error
    except SettingsError as error:
        raise ConfigError(f"{error}.", "SKYVERN_TUI_PROFILES holds JSON; profiles in the file need none.") from error
    except ValidationError as error:
        raise _readable(error, path) from None


def _readable(error: ValidationError, path: Path) -> ConfigError:
    """Say what is wrong with the settings without showing any value: it may be a key."""
    problems = []
    hint = "`skyvern-tui config validate` names the lines; `skyvern-tui config schema` has what may be set."
    for detail in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in detail["loc"])
        problems.append(f"{place}: {detail['msg']}")
        if detail["type"] == "extra_forbidden" and str(detail["loc"][-1]) in ("api_key", "key"):
            hint = "Keys do not go into the file: name a variable with api_key_env, or a command with api_key_command."
    return ConfigError(f"{path}: {'; '.join(problems)}.", hint)
