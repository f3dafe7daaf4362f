"""What /openapi.json says beyond what the routes say by themselves.

Owns: links from what makes a thing to what can be done with it, how bodies are refused
before any route sees them, and the models of parts that are served as they are stored
(blocks and thoughts of a timeline), taken from the published schema. Must not: describe
a route; its own declaration does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

_MAKERS: Final = {
    ("/v1/run/tasks", "post"): ("run_id", "/run_id"),
    ("/v1/run/tasks/login", "post"): ("run_id", "/run_id"),
    ("/v1/run/tasks/download_files", "post"): ("run_id", "/run_id"),
    ("/v1/run/agents", "post"): ("run_id", "/run_id"),
    ("/v1/runs/{run_id}/artifacts", "get"): ("artifact_id", "/0/artifact_id"),
    ("/v1/browser_sessions", "post"): ("browser_session_id", "/browser_session_id"),
    ("/v1/browser_profiles", "post"): ("profile_id", "/browser_profile_id"),
    ("/v1/credentials", "post"): ("credential_id", "/credential_id"),
    ("/v1/scripts", "post"): ("script_id", "/script_id"),
}
"""Operations whose answer names a thing: the path parameter it is for others, and where in the answer it stands."""

_TOLD_IN_WORDS: Final = ("/v1/run/", "/v1/agents")
"""Below these a 422 is a list of faults, or a text: of files that are unknown, of a definition that is none."""

_TESTERS_SIDE: Final = "/_mock/"
"""Not linked to: a service has none, and its names mean other things."""

_STORED: Final = {"block": "WorkflowRunBlock", "thought": "Thought"}
"""Parts of a timeline item and their published models."""

_REFERENCE: Final = "#/components/schemas/"


def complete(description: dict[str, Any]) -> dict[str, Any]:
    """Add links and stored models to a description, in place; return it."""
    for (path, method), (parameter, place) in _MAKERS.items():
        operation = description["paths"].get(path, {}).get(method)
        if operation is not None:
            answer = next(content for status, content in operation["responses"].items() if status.startswith("2"))
            answer["links"] = dict(_links(description, parameter, place))
    _add_faults_of_bodies(description)
    _add_stored_models(description)
    return description


def _links(description: dict[str, Any], parameter: str, place: str) -> Iterator[tuple[str, Any]]:
    for path, methods in description["paths"].items():
        is_of_the_api = not path.startswith(_TESTERS_SIDE)
        if is_of_the_api and path.count("{") == 1 and f"{{{parameter}}}" in path:
            for operation in methods.values():
                name = operation["operationId"]
                yield name, {"operationId": name, "parameters": {parameter: f"$response.body#{place}"}}


def _add_faults_of_bodies(description: dict[str, Any]) -> None:
    """Every operation that reads a body refuses bytes that are no text, and too many of them."""
    refused = {"application/json": {"schema": {"$ref": f"{_REFERENCE}Refused"}}}
    for path, methods in description["paths"].items():
        for operation in methods.values():
            answers = operation["responses"]
            if path.startswith(_TOLD_IN_WORDS) and "422" in answers:
                answers["422"]["content"]["application/json"]["schema"] = {
                    "anyOf": [{"$ref": f"{_REFERENCE}HTTPValidationError"}, {"$ref": f"{_REFERENCE}Refused"}]
                }
            if "requestBody" in operation:
                answers.setdefault("400", {"description": "The body cannot be read.", "content": refused})
                answers.setdefault("413", {"description": "The body is too large.", "content": refused})


def _add_stored_models(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    item = schemas.get("WorkflowRunTimeline")
    if item is None:
        return
    published = json.loads((files("mock_server.conformance") / "skyvern-v1.json").read_bytes())
    models = published["components"]["schemas"]
    for name, model in _STORED.items():
        item["properties"][name]["anyOf"] = [{"$ref": f"{_REFERENCE}{model}"}, {"type": "null"}]
        for needed in _with_all_it_names(model, models):
            schemas.setdefault(needed, models[needed])
    description["components"]["schemas"] = dict(sorted(schemas.items()))


def _with_all_it_names(name: str, models: dict[str, Any]) -> set[str]:
    found, waiting = set(), [name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            text = json.dumps(models[name])
            waiting += [part.partition('"')[0] for part in text.split(_REFERENCE)[1:]]
    return found
