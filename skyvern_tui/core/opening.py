"""Handing a file from a run to another program without letting it act.

Owns: what may be opened at all, and making a page inert. Must not: write or start anything.
"""

from __future__ import annotations

from typing import Final

from skyvern_tui.core.previews.files import file_facts
from skyvern_tui.core.saving import safe_name

_ACTING_NAMES: Final = """
    app apk appimage bat bash cmd com command cpl csh deb desktop dll dmg exe gadget hta inf iso jar jnlp js jse ksh lnk
    lua mjs msc msi msp php pif pkg pl ps1 psm1 py pyw rb reg rpm run scf scpt scr sh so swf terminal url vb vbe vbs
    webloc workflow ws wsf wsh xll zsh docm dotm xlsm xltm pptm potm
"""
_ACTING: Final = frozenset(_ACTING_NAMES.split())
"""Suffixes of files that do something when they are opened."""
_PAGES: Final = frozenset({"html", "htm", "xhtml", "xht", "svg", "xml", "mht", "mhtml", "shtml"})
_POLICY: Final = (
    b'<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    b"img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">\n"
)


class NotOpened(ValueError):  # noqa: N818 - named for what happened
    """The file is not handed to another program; the message says why."""


def to_open(name: str, data: bytes) -> tuple[str, bytes]:
    """Return a safe name and what to write under it for another program to show. Raises :class:`NotOpened`."""
    safe = safe_name(name)
    stem, dot, suffix = safe.rpartition(".")
    suffix = suffix.lower() if dot else ""
    kind = file_facts(data, safe).kind
    if suffix in _ACTING or kind in {"Windows program", "Linux program", "script"}:
        raise NotOpened(f"{safe} does something when it is opened, so it is not; s saves it")
    head = data[:2048].lstrip().lower()
    if suffix in _PAGES or head.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        # What a site wrote must not run from this disk: no scripts, no requests, no forms.
        return f"{stem if dot else safe}.html", _POLICY + data
    return safe, data
