"""The answer to a request: the entry to this room.

Owns: closing an answer: what is missing, whether it fulfils the schema, the reason. Must not:
invent; a value that is not on the page is null.
"""

from __future__ import annotations

from mock_server.agent.extraction.addressed import addressed
from mock_server.agent.extraction.filling import SchemaReader
from mock_server.agent.extraction.free import FreeReader
from mock_server.agent.extraction.headline import any_value, describe_page
from mock_server.agent.extraction.request import ExtractionRequest, unread_extreme
from mock_server.agent.extraction.result import Extraction, Json, Notes
from mock_server.agent.extraction.shape import is_valid, lacking, pruned, read_shape
from mock_server.agent.observation import Observation

__all__ = ["Extraction", "extract"]


def extract(request: ExtractionRequest, observation: Observation) -> Extraction:
    """Return the answer to a request from one look at a page. Pure; never raises for any request or page."""
    notes = Notes()
    if (extreme := unread_extreme(request)) is not None:
        return _close(request, observation, None, notes, [extreme])
    request = addressed(request, observation)
    shape = read_shape(request.schema)
    if shape is None:
        output = FreeReader(request, observation, notes).free()
        return _close(request, observation, output, notes, _unanswered(request, output, notes))
    output = SchemaReader(request, observation, notes).fill(shape)
    wanting = lacking(shape, output)
    if not wanting and not is_valid(output, request.schema):
        whole, output = output, pruned(shape, output)
        notes.short = notes.short or _entries(output) < _entries(whole)
        if not is_valid(output, request.schema):
            output, wanting = whole, ["a value in the form the schema asks for"]
    return _close(request, observation, output, notes, wanting)


def _unanswered(request: ExtractionRequest, output: Json, notes: Notes) -> list[str]:
    """Return what is missing if that is more than half of what a prompt asked for."""
    single = [name for name in dict.fromkeys(notes.missing) if "[]" not in name]
    return single if len(single) * 2 > max(len(request.fields), 1) or not any_value(output) else []


def _entries(output: Json) -> int:
    if isinstance(output, list):
        return len(output) + sum(_entries(entry) for entry in output)
    return sum(_entries(value) for value in output.values()) if isinstance(output, dict) else 0


def _close(
    request: ExtractionRequest, observation: Observation, output: Json, notes: Notes, wanting: list[str]
) -> Extraction:
    found = any_value(output) and not wanting
    missing = tuple(dict.fromkeys([*wanting, *notes.missing]))
    evidence = tuple(dict.fromkeys(notes.evidence))[:20]
    confidence = min(sum(notes.scores) / len(notes.scores), 1.0) if notes.scores else 0.0
    return Extraction(
        output=output,
        found=found,
        missing=missing,
        reason=("; ".join(evidence) if found else _regret(request, observation, missing))[:1000],
        evidence=evidence,
        confidence=round(confidence * request.certainty, 3) if found else 0.0,
        partial=found and (bool(missing) or notes.short or observation.truncated),
    )


def _regret(request: ExtractionRequest, observation: Observation, missing: tuple[str, ...]) -> str:
    asked = request.anchor or request.subject
    names = [name.replace("_", " ").replace("[]", "").replace(".", " ") for name in missing]
    what = " and ".join(names[:4]) if names else " and ".join(request.fields) or asked or "data like that"
    about = f" of {asked!r}" if asked and what != asked and asked not in what else ""
    return (
        f"The page has no {what}{about}; it shows {describe_page(observation)}. "
        "Open the page that shows it, or word the request as the page does."
    )
