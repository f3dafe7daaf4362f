"""Colours, and what each means.

Owns: the themes, the tones a text can have and the glyph and tone of each status. Must
not: hold layout. A status is always shown as glyph *and* word, so that nothing depends on
colour alone (NO_COLOR, colour-blind readers).
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any, Final

from textual.color import ColorParseError
from textual.theme import Theme

DARK: Final = Theme(
    name="skyvern-dark",
    primary="#79b8ff",
    secondary="#56708f",
    accent="#b8a1f0",
    success="#6fcf97",
    warning="#e8b860",
    error="#ff7b72",
    foreground="#d8dee6",
    background="#0f1318",
    surface="#161b22",
    panel="#1d242d",
    dark=True,
    variables={
        "text-muted": "#8f9bab",
        "border": "#79b8ff",
        "border-blurred": "#2b3440",
        "block-cursor-background": "#79b8ff",
        "block-cursor-foreground": "#0f1318",
        "block-cursor-text-style": "none",
        "button-focus-text-style": "bold underline",
        "input-selection-background": "#79b8ff 30%",
        "scrollbar": "#2b3440",
        "scrollbar-hover": "#3b4757",
        "scrollbar-active": "#79b8ff",
        "scrollbar-background": "#12171d",
        "scrollbar-background-hover": "#12171d",
        "scrollbar-background-active": "#12171d",
        "scrollbar-corner-color": "#12171d",
    },
)
LIGHT: Final = Theme(
    name="skyvern-light",
    primary="#0b5cad",
    secondary="#5d7894",
    accent="#6b46c1",
    success="#1a7f47",
    warning="#8f5b00",
    error="#c0262d",
    foreground="#1c2430",
    background="#fbfcfd",
    surface="#f1f4f7",
    panel="#e6ebf0",
    dark=False,
    variables={
        "text-muted": "#566373",
        "border": "#0b5cad",
        "border-blurred": "#c5ced8",
        "block-cursor-background": "#0b5cad",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "button-focus-text-style": "bold underline",
        "input-selection-background": "#0b5cad 25%",
        "scrollbar": "#c5ced8",
        "scrollbar-background": "#eef1f4",
        "scrollbar-corner-color": "#eef1f4",
    },
)
CONTRAST: Final = replace(
    DARK,
    name="skyvern-contrast",
    primary="#00e5ff",
    secondary="#ffffff",
    accent="#ff9dff",
    success="#00ff66",
    warning="#ffe100",
    error="#ff7070",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    variables={**DARK.variables, "text-muted": "#d0d0d0", "border": "#00e5ff", "border-blurred": "#8a8a8a"},
)
"""At least 7:1 between text and background, muted text included."""
# Okabe and Ito's palette: told apart with any of the common forms of colour-blindness. Good is blue, bad is vermilion.
COLOUR_BLIND_DARK: Final = replace(
    DARK, name="skyvern-colourblind-dark", success="#56b4e9", warning="#f0e442", error="#e6793a", accent="#cc79a7"
)
COLOUR_BLIND_LIGHT: Final = replace(
    LIGHT, name="skyvern-colourblind-light", success="#0072b2", warning="#7a5f00", error="#b84a00", accent="#a04a78"
)
THEMES: Final = (DARK, LIGHT, CONTRAST, COLOUR_BLIND_DARK, COLOUR_BLIND_LIGHT)
_LIGHT_GROUNDS: Final = frozenset({"7", "15"})


def first_theme(wished: str, remembered: str, known: Container[str], environ: Mapping[str, str] = os.environ) -> str:
    """Return the theme to start with: the one set, else the one last chosen, else one after the terminal's background.

    Terminals that say what their background is do so in ``COLORFGBG``; for others dark is taken.
    """
    for name in (wished, remembered):
        if name != "auto" and name in known:
            return name
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if ground in _LIGHT_GROUNDS else DARK.name


def own_themes(tables: Mapping[str, Mapping[str, Any]]) -> tuple[list[Theme], list[str]]:
    """Return the user's themes, and in words what is wrong with those that can't be made."""
    themes, faults = [], []
    for name, table in tables.items():
        values = dict(table)
        base = DARK if values.pop("dark", True) else LIGHT
        try:
            theme = replace(base, name=name, **values)
            theme.to_color_system().generate()
        except (TypeError, ValueError, ColorParseError) as error:
            faults.append(f"The theme {name!r} can't be used: {error}.")
        else:
            themes.append(theme)
    return themes, faults


TONE_CSS: Final = """
    & > .tone--plain { color: $foreground; }
    & > .tone--quiet { color: $text-muted; }
    & > .tone--strong { color: $foreground; text-style: bold; }
    & > .tone--busy { color: $primary; }
    & > .tone--good { color: $success; }
    & > .tone--bad { color: $error; }
    & > .tone--warn { color: $warning; }
    & > .tone--thought { color: $accent; }
    & > .tone--key { color: $primary; }
    & > .tone--string { color: $success; }
    & > .tone--number { color: $warning; }
"""
"""What a piece of text can be, and how that looks."""

_STATUSES: Final = {
    "created": ("○", "quiet"),
    "queued": ("◌", "quiet"),
    "pending": ("◌", "quiet"),
    "running": ("◐", "busy"),
    "paused": ("‖", "warn"),
    "completed": ("✓", "good"),
    "failed": ("✗", "bad"),
    "terminated": ("⊘", "bad"),
    "timed_out": ("◷", "warn"),
    "canceled": ("■", "quiet"),
    "skipped": ("-", "quiet"),
}


def status_look(status: str) -> tuple[str, str]:
    """Return glyph and tone of a status; one that is not known yet gets a question mark."""
    return _STATUSES.get(status, ("?", "plain"))
