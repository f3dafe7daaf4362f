"""What is wrong with the settings that only the terminal app understands: keys and themes.

Owns: asking the app's own lists, if the app is installed. Must not: open the app, or find
anything severe: the app starts with such settings and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from skyvern_tui.config import ConfigError
from skyvern_tui.config.checking import Problem, meant
from skyvern_tui.config.locations import config_file
from skyvern_tui.config.preferences import AUTO, Preferences
from skyvern_tui.config.settings import load_settings
from skyvern_tui.config.statements import line_of, lines_of


def app_problems() -> list[Problem]:
    """Return what is odd about keys and themes; nothing if settings can't be read or the app is not installed."""
    if find_spec("textual") is None:
        return []
    try:
        preferences = load_settings().preferences()
    except ConfigError:
        return []
    path = config_file()
    lines = lines_of(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = []
    for place, text, hint in (*_keys(preferences), *_themes(preferences)):
        line = line_of(lines, place)
        where = f"{path}:{line}" if line else str(path)
        found.append(Problem(where, ".".join(place), text, hint, severe=False, line=line))
    return found


def _keys(preferences: Preferences) -> Iterator[tuple[tuple[str, ...], str, str]]:
    from skyvern_tui.tui.actions import ACTIONS  # noqa: PLC0415 - loads Textual
    from skyvern_tui.tui.keymap import Keymap  # noqa: PLC0415 - as above

    known = [action.id for action in ACTIONS]
    for name in preferences.keys:
        if name not in known:
            near = meant(name, known)
            yield ("keys", name), "there is no such action.", near if "Did" in near else "docs/keys.md lists them."
    of_known = Keymap({name: keys for name, keys in preferences.keys.items() if name in known})
    for text in of_known.problems():
        yield ("keys",), text, ""


def _themes(preferences: Preferences) -> Iterator[tuple[tuple[str, ...], str, str]]:
    from textual.theme import BUILTIN_THEMES  # noqa: PLC0415 - loads Textual

    from skyvern_tui.tui.themes import THEMES, own_themes  # noqa: PLC0415 - as above

    made, faults = own_themes(preferences.themes)
    for text in faults:
        yield ("themes",), text, ""
    names = [AUTO, *(theme.name for theme in (*THEMES, *made)), *BUILTIN_THEMES]
    if preferences.theme not in names:
        yield ("theme",), "there is no such theme.", meant(preferences.theme, names)
