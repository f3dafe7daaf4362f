"""A task being written: every parameter as the text that was typed.

Owns: the draft, what keeps it from being sent, what is worth a warning, and the step from
text to :class:`TaskRunRequest`. Must not: send anything, or decide what a screen shows where.

A draft is always valid *as a draft*: it can be kept, restored and edited whatever it
holds. Only :func:`to_request` insists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from skyvern_tui.client.models import RunEngine, TaskRunRequest
from skyvern_tui.core.parameters import BY_NAME, GROUPS, PARAMETERS, Group, Kind, Parameter
from skyvern_tui.core.reading import read, read_json

__all__ = [
    "BY_NAME",
    "GROUPS",
    "PARAMETERS",
    "Draft",
    "DraftInvalid",
    "Group",
    "Kind",
    "Parameter",
    "hints",
    "read_json",
    "readable",
    "to_request",
    "validate",
]

_COUNTRY_CODE: Final = 2
_LEFT_OUT: Final = re.compile(r"\$\{SKYVERN_[A-Z0-9_]+\}")
"""What stands for a secret that was left out when a request was written down."""
_CODE_STEPS: Final = 24
"""Fewest steps the tool-loop engine works with."""


class DraftInvalid(ValueError):  # noqa: N818 - named for the state it reports, as StopIteration is
    """The draft can't be sent. ``reasons`` maps each faulty parameter to what is wrong with it."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class Draft:
    """The text typed for each parameter, by wire name. A missing name is an empty text."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return what was typed for ``name``."""
        return self.texts.get(name, "")

    def typed(self, name: str, text: str) -> Draft:
        """Return the draft with ``text`` typed for ``name``."""
        if name not in BY_NAME:
            raise KeyError(name)
        return Draft({**self.texts, name: text})

    def to_dict(self) -> dict[str, str]:
        """Return the texts that are not empty, in the order of :data:`PARAMETERS`."""
        return {p.name: self.texts[p.name] for p in PARAMETERS if self.texts.get(p.name)}

    @classmethod
    def from_dict(cls, texts: Mapping[str, Any]) -> Draft:
        """Read what :meth:`to_dict` wrote; names and values that don't belong are left out."""
        return cls({name: text for name, text in texts.items() if name in BY_NAME and isinstance(text, str)})

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> Draft:
        """Turn a request, or the echo of one in a run, back into text to edit."""
        texts: dict[str, str] = {}
        for name, value in request.items():
            if name not in BY_NAME or value is None or value is False or value == []:  # what not asking means
                continue
            structured = isinstance(value, (dict, list, bool))
            texts[name] = json.dumps(value, indent=2, ensure_ascii=False) if structured else str(value)
        return cls(texts)


def _read(draft: Draft) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for parameter in PARAMETERS:
        text = draft.text(parameter.name)
        if not text.strip():
            continue
        try:
            values[parameter.name] = read(parameter, text)
        except ValueError as error:
            reasons[parameter.name] = str(error)
    if not draft.text("prompt").strip():
        reasons["prompt"] = "say what the run should do"
    if values.get("start_fresh_browser"):
        other = next((n for n in ("browser_session_id", "browser_profile_id", "browser_address") if values.get(n)), "")
        if other:
            reasons["start_fresh_browser"] = f"not together with {BY_NAME[other].label.lower()}"
    return values, reasons


def validate(draft: Draft) -> dict[str, str]:
    """Return what is wrong, by wire name; empty when the draft can be sent."""
    return _read(draft)[1]


def readable(draft: Draft) -> dict[str, Any]:
    """Return the values that can be read so far, by wire name: the request as a preview of an unfinished draft."""
    return _read(draft)[0]


def to_request(draft: Draft) -> TaskRunRequest:
    """Return the request the draft stands for. Raises :class:`DraftInvalid`."""
    values, reasons = _read(draft)
    if reasons:
        raise DraftInvalid(reasons)
    return TaskRunRequest(**values)


def hints(draft: Draft) -> dict[str, str]:
    """Return what can be sent but hardly means what was wanted, by wire name. Faulty parameters get none."""
    values, reasons = _read(draft)
    found = dict(_hints(values))
    for name, text in draft.to_dict().items():
        left_out = _LEFT_OUT.search(text)
        if left_out:
            found[name] = f"put in what {left_out[0]} stands for; it would be sent as it is"
    return {name: hint for name, hint in found.items() if name not in reasons}


def _hints(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    engine = values.get("engine", RunEngine.skyvern_v2)
    found = [
        (name, f"only {RunEngine.skyvern_v2} does this")
        for name in ("browser_profile_id", "start_fresh_browser", "publish_workflow")
        if values.get(name) and engine != RunEngine.skyvern_v2
    ]
    for name in ("proxy_location", "run_with"):
        value = values.get(name)
        if isinstance(value, str) and value not in {choice.value for choice in BY_NAME[name].choices}:
            found.append((name, "not a known name; sent as it is"))
    place = values.get("proxy_location")
    if isinstance(place, dict) and "url" not in place and not _is_country(place.get("country")):
        found.append(("proxy_location", 'a place needs a two-letter "country"'))
    if isinstance(values.get("data_extraction_schema"), list):
        found.append(("data_extraction_schema", "a list is no JSON schema; sent as an example"))
    elif engine == RunEngine.skyvern_v1 and values.get("data_extraction_schema") and values.get("url"):
        found.append(("data_extraction_schema", f"{engine} may answer nothing when a URL is given too"))
    if engine == RunEngine.skyvern_v3 and 0 < values.get("max_steps", 0) < _CODE_STEPS:
        found.append(("max_steps", f"{engine} raises this to {_CODE_STEPS}"))
    if values.get("cdp_connect_headers") and not values.get("browser_address"):
        found.append(("cdp_connect_headers", "used with a browser address only"))
    if values.get("totp_url") and values.get("totp_identifier"):
        found.append(("totp_identifier", "the 2FA URL is asked first"))
    return found


def _is_country(code: Any) -> bool:
    return isinstance(code, str) and len(code) == _COUNTRY_CODE and code.isalpha()
