"""/openapi.json tells everything that is served, and tells it as the published schema does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
from fastapi.routing import APIRoute

from mock_server.conformance.published import published

HIDDEN = {
    "/docs": "a page for people",
    "/redoc": "the same page under the address of another viewer",
    "/api/*": "the API before /v1, which the service does not publish either",
    "/v1/workflows*": "an older address of /v1/agents",
    "/v1/run/workflows": "an older address of /v1/run/agents",
    "/v1/browser_sessions/history": "the service does not publish it either",
    "/_mock/*": "the tester's side, which docs/mock.md describes; what is simple enough is described all the same",
}
"""Routes that are not in the description, each with its reason; besides, every path may end with a slash."""

WITHOUT_MODEL = {
    "/api/v1/heartbeat": "a text without a content type",
    "/v1/scripts/{script_id}/run": "always refused, as by the service (semantics 2.17)",
}
WITHOUT_404 = {
    "/v1/runs/{run_id}/artifacts": "a run that does not exist has no artifacts",
    "/v1/scripts/{script_id}/run": "always refused, as by the service (semantics 2.17)",
}

ACCEPTED = {
    "*.browser_settings_receipt": "always null here, as are browsers made to somebody's settings",
    "*.browser_seed_source": "always null here",
    "GET /v1/runs 200[[]].attempt": "recorded, though not published",
    "GET /v1/runs 200[[]].retry_pending": "recorded, though not published",
    "GET /v1/runs 200[[]].next_attempt_at": "recorded, though not published",
    "GET /v1/runs/{run_id}/artifacts 200[[]].*_at": "published as text; they are times",
    "GET /v1/artifacts/{artifact_id}/content header x-api-key": "taken, though not published",
    "GET /v1/artifacts/{artifact_id}/content query *": "the parts of a link, taken though not published",
    "GET /v1/browser_sessions/{browser_session_id} 503": "given where browsers run on another machine",
    "POST /v1/browser_sessions body": "as closely as the service checks it",
    "* /v1/browser_sessions* 200*.source": "one of two words, described as text",
    "GET /v1/browser_profiles query page*": "bounded here",
    "POST /v1/credentials/totp 402": "there are no credits to run out of",
    "GET /v1/credentials query folder_id": "taken by the service (semantics 2.13), though not published",
    "POST /v1/run/tasks header x-mock-*": "the tester's side: what is to become of the run",
    "POST /v1/run/agents 503": "given where runs are handed to other machines",
    "* /v1/agents 200*.workflow_definition*": "kept and shown as it came, described as an object",
    "* /v1/agents 200*.effective_default_engine": "always null here",
    "* /v1/agents 200*.proxy_location": "kept and shown as it came",
    "POST /v1/agents body.json_definition": "described as an object; what is in it is told when it cannot be run",
    "POST /v1/agents 409": "given where two requests with one idempotency key meet; there is no such key here",
    "POST /v1/agents header [Ii]dempotency-[Kk]ey": "the case of a header's name does not matter",
    "POST /v1/scripts body.files[[]].path": "checked here: it must stay inside the script",
    "POST /v1/upload_file body.retention_days": "bounded by the service (semantics 2.15), though not published",
}
"""Differences from the published structure, as patterns, each with its reason; the test keeps the list honest."""


def accepted(place: str, reasons: Mapping[str, str]) -> str | None:
    """Return the pattern that accepts a place."""
    return next((pattern for pattern in reasons if fnmatchcase(place, pattern)), None)


@pytest.fixture
def app(open_mock: Callable[..., Any]) -> Any:
    return open_mock().application()


def routes(app: Any) -> Iterator[APIRoute]:
    """Yield the routes that are described, or should be."""
    for route in app.routes:
        if isinstance(route, APIRoute) and not (route.path.endswith("/") and not route.include_in_schema):
            yield route


def test_every_route_is_described(app: Any):
    """No route is left out of the description but those that are meant to be."""
    hidden = {route.path for route in routes(app) if not route.include_in_schema}
    assert {path for path in hidden if accepted(path, HIDDEN) is None} == set()


def test_every_route_says_what_it_does_and_answers(app: Any):
    """Every operation has a summary of its own and a model, or a content type, for its success."""
    faults = []
    description = app.openapi()
    for route in routes(app):
        if not route.include_in_schema:
            continue
        for method in sorted(route.methods):
            operation = description["paths"][route.path][method.lower()]
            if not route.summary:
                faults.append(f"{method} {route.path}: no summary")
            success = [status for status in operation["responses"] if status.startswith("2")]
            if not success:
                faults.append(f"{method} {route.path}: no successful status")
            for status in success:
                content = operation["responses"][status].get("content", {})
                schema = content.get("application/json", {}).get("schema")
                if status not in ("204", "206") and (not content or schema == {}) and route.path not in WITHOUT_MODEL:
                    faults.append(f"{method} {route.path}: {status} has no model")
    assert not faults, "\n".join(faults)


def test_every_route_says_how_it_refuses(app: Any):
    """403 is described where a key is asked for, 404 where a path has an id, 422 where there is something to check."""
    faults = []
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            parameters = {(item["in"], item["name"]) for item in operation.get("parameters", ())}
            wanted = set()
            if ("header", "x-api-key") in parameters:
                wanted.add("403")
            if "{" in path and path not in WITHOUT_404:
                wanted.add("404")
            if "requestBody" in operation or any(place == "query" for place, _ in parameters):
                wanted.add("422")
            if missing := wanted - set(operation["responses"]):
                faults.append(f"{method.upper()} {path}: {sorted(missing)} not described")
    assert not faults, "\n".join(faults)


# -- against the published structure ------------------------------------------------------


def plain(schema: Any, components: Mapping[str, Any], depth: int = 0) -> Any:
    """Return what a schema allows, in a form that can be compared: references resolved, words and defaults left out."""
    if depth > 12:
        return "..."
    if "$ref" in schema:
        return plain(components["schemas"][schema["$ref"].rpartition("/")[2]], components, depth + 1)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return {"any of": sorted((plain(option, components, depth + 1) for option in options), key=repr)}
    if "const" in schema:
        return {"enum": [schema["const"]]}
    if "enum" in schema:
        return {"enum": sorted(schema["enum"], key=repr)}
    found: dict[str, Any] = {
        name: schema[name]
        for name in (
            "type",
            "format",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "pattern",
        )
        if name in schema
    }
    if "items" in schema:
        found["items"] = plain(schema["items"], components, depth + 1)
    if "properties" in schema:
        found["required"] = sorted(schema.get("required", ()))
        found["properties"] = {
            name: plain(value, components, depth + 1) for name, value in schema["properties"].items()
        }
    if isinstance(schema.get("additionalProperties"), dict):
        found["values"] = plain(schema["additionalProperties"], components, depth + 1)
    return found


def compare(place: str, mine: Any, theirs: Any) -> Iterator[tuple[str, str]]:
    """Yield place and difference, as deep inside as they can be told."""
    if mine == theirs:
        return
    if isinstance(mine, dict) and isinstance(theirs, dict):
        if "properties" in mine and "properties" in theirs:
            ours, published_ones = mine["properties"], theirs["properties"]
            for name in sorted(ours.keys() | published_ones.keys()):
                yield from compare(f"{place}.{name}", ours.get(name, "absent"), published_ones.get(name, "absent"))
            if mine["required"] != theirs["required"]:
                yield f"{place} required", f"{mine['required']} instead of {theirs['required']}"
            return
        if "items" in mine and "items" in theirs:
            yield from compare(f"{place}[]", mine["items"], theirs["items"])
            return
        if "any of" in mine and "any of" in theirs and len(mine["any of"]) == len(theirs["any of"]):
            for one, other in zip(mine["any of"], theirs["any of"], strict=True):
                yield from compare(place, one, other)
            return
    yield place, f"{mine} instead of {theirs}"


def model_of(content: Mapping[str, Any]) -> Any:
    for kind in ("application/json", "multipart/form-data"):
        if kind in content:
            return content[kind]["schema"]
    return None


def differences(app: Any) -> Iterator[tuple[str, str]]:
    """Yield where the description of an operation differs from the published one."""
    own = app.openapi()
    schema = published().document
    for path, methods in own["paths"].items():
        for method, operation in methods.items():
            other = schema["paths"].get(path, {}).get(method)
            if other is None:
                continue
            name = f"{method.upper()} {path}"
            yield from _parameters(name, operation, other, own, schema)
            mine = model_of(operation.get("requestBody", {}).get("content", {}))
            theirs = model_of(other.get("requestBody", {}).get("content", {}))
            if mine or theirs:
                yield from compare(
                    f"{name} body",
                    plain(mine or {}, own.get("components", {})),
                    plain(theirs or {}, schema["components"]),
                )
            for status in sorted(set(other["responses"]) - set(operation["responses"]) - {"422"}):
                yield f"{name} {status}", "not described"
            for status in ("200", "201"):
                theirs = model_of(other["responses"].get(status, {}).get("content", {}))
                mine = model_of(operation["responses"].get(status, {}).get("content", {}))
                if theirs:
                    yield from compare(
                        f"{name} {status}",
                        plain(mine or {}, own.get("components", {})),
                        plain(theirs, schema["components"]),
                    )


def _parameters(
    name: str, operation: Any, other: Any, own: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    mine = {(item["in"], item["name"]): item for item in operation.get("parameters", ())}
    theirs = {(item["in"], item["name"]): item for item in other.get("parameters", ())}
    for key in sorted(mine.keys() | theirs.keys()):
        place = f"{name} {key[0]} {key[1]}"
        if key not in mine or key not in theirs:
            yield place, "not described" if key not in mine else "not published"
            continue
        if mine[key].get("required", False) != theirs[key].get("required", False):
            yield place, "required"
        yield from compare(
            place,
            plain(mine[key]["schema"], own.get("components", {})),
            plain(theirs[key]["schema"], schema["components"]),
        )


def test_described_as_published(app: Any):
    """Parameters, bodies and answers of every published operation are described with the published names and types."""
    found = dict(differences(app))
    unexplained = {place: text for place, text in found.items() if accepted(place, ACCEPTED) is None}
    assert not unexplained, "\n".join(f"{place}: {text}" for place, text in unexplained.items())
    assert set(ACCEPTED) == {accepted(place, ACCEPTED) for place in found}, (
        "some differences are gone: shorten the list"
    )
