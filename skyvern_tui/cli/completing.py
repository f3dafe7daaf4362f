"""What the shell offers for the word being typed, from what this machine knows. No network.

Owns: which parameters can be completed and with what. Must not: raise or print: whatever is
wrong, the shell then offers nothing.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import click
from click.shell_completion import CompletionItem

from skyvern_tui.config.locations import config_file, state_dir

_MOST: Final = 50
_BUILT_IN: Final = ("cloud", "mock")
_HISTORY: Final = "history.sqlite"

ARTIFACT_TYPES: Final = (
    "recording", "screenshot", "screenshot_action", "screenshot_final", "screenshot_llm", "html", "html_action",
    "html_scrape", "har", "trace", "pdf", "download", "script_file", "browser_console_log", "skyvern_log",
    "skyvern_log_raw", "llm_prompt", "llm_request", "llm_response", "llm_response_parsed", "llm_response_rendered",
    "visible_elements_tree", "visible_elements_tree_trimmed", "visible_elements_tree_in_prompt",
)  # fmt: skip
"""Source: Run a task, artifacts."""

Offer = Callable[[str], Iterable[tuple[str, str]]]
"""From what is typed so far to words, each with what it is."""


def attach(command: click.Command) -> None:
    """Let the parameters of a command be completed, by their names; for a command that is completed now."""
    for parameter in command.params:
        offer = OFFERS.get(parameter.name or "")
        if offer is not None and parameter.type is click.STRING:
            # click has this for one parameter at a time, where it is declared; they are many, and have it in common.
            setattr(parameter, "shell_complete", partial(_complete, offer))  # noqa: B010 - a method of the class


def _complete(offer: Offer, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    del ctx
    with suppress(OSError, ValueError, sqlite3.Error):
        return [
            CompletionItem(word, help=note or None) for word, note in offer(incomplete) if word.startswith(incomplete)
        ]
    return []


def run_ids(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer the runs remembered of any server, newest first, with what they are."""
    path = state_dir() / _HISTORY
    if not path.exists():
        return []
    from skyvern_tui.core.history import remembered  # noqa: PLC0415 - loads the models of the client

    return remembered(path, incomplete, _MOST)


def runs_and_files(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer runs, and files in which runs were saved."""
    from pathlib import Path  # noqa: PLC0415 - for this list only

    files = sorted(Path().glob("*.skyrun"))
    return [*run_ids(incomplete), *((str(file), "a saved run") for file in files[:_MOST])]


def profiles(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer the profiles of the configuration file and the built-in ones."""
    del incomplete
    found: Mapping[str, object] = {}
    with suppress(OSError, ValueError):
        table = tomllib.loads(config_file().read_text(encoding="utf-8")).get("profiles", {})
        found = table if isinstance(table, dict) else {}
    return [(name, _address(found.get(name))) for name in dict.fromkeys((*found, *_BUILT_IN))]


def _address(profile: object) -> str:
    return str(profile.get("base_url", "")) if isinstance(profile, dict) else "built in"


def artifact_types(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer the types of artifacts that are documented."""
    del incomplete
    return [(name, "") for name in ARTIFACT_TYPES]


def statuses(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer the statuses a run can have."""
    del incomplete
    from skyvern_tui.client.models import RunStatus  # noqa: PLC0415 - loads pydantic

    return [(str(value), "") for value in RunStatus]


def settings(incomplete: str) -> Iterable[tuple[str, str]]:
    """Offer the settings of the configuration file; of its profiles those that are there."""
    del incomplete
    from skyvern_tui.config.registry import NAME, settings_known  # noqa: PLC0415 - loads the models

    names = [name for name, _ in profiles("") if name not in _BUILT_IN] or [NAME]
    for setting in settings_known():
        if setting.kind == "table":
            continue
        for name in names if NAME in setting.path else [""]:
            yield ".".join(name if part == NAME else part for part in setting.path), setting.help


OFFERS: Final[dict[str, Offer]] = {
    "run_id": runs_and_files,
    "run_ids": run_ids,
    "first": runs_and_files,
    "second": runs_and_files,
    "words": runs_and_files,
    "profile": profiles,
    "types": artifact_types,
    "status": statuses,
    "key": settings,
}
"""By the name a parameter has in the code. Formats and other choices complete by themselves."""
