"""Where the real service is known to depart from the schema it publishes.

Owns: the list, each entry with its reason; the contract tests hold it to recorded
exchanges, so that nothing stands here that was not seen. Must not: excuse this server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_ARTIFACT_LINK: Final = {
    "type": "object",
    "properties": {
        "artifact_id": {"type": "string"},
        "signed_url": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "expires_at": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["artifact_id", "signed_url", "expires_at"],
}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"anyOf": [schema, {"type": "null"}]}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


UNPUBLISHED_OPERATIONS: Final[dict[str, dict[str, Any]]] = {
    "/v1/artifacts/{artifact_id}": {
        "get": {"responses": {"200": _json({"$ref": "#/components/schemas/Artifact"}), "404": {}}}
    },
    "/v1/artifacts/{artifact_id}/signed-url": {"get": {"responses": {"200": _json(_ARTIFACT_LINK), "404": {}}}},
    "/v1/browser_sessions/history": {
        "get": {
            "parameters": [
                _query("page", {"type": "integer", "minimum": 1}),
                _query("page_size", {"type": "integer", "minimum": 1, "maximum": 100}),
            ],
            "responses": {
                "200": _json({"type": "array", "items": {"$ref": "#/components/schemas/BrowserSessionResponse"}}),
                "422": _json({"$ref": "#/components/schemas/HTTPValidationError"}),
            },
        }
    },
    "/v1/credentials/totp": {
        "get": {
            "parameters": [
                _query("totp_identifier", {"type": "string"}),
                _query("workflow_run_id", {"type": "string"}),
                _query("otp_type", {"$ref": "#/components/schemas/OTPType"}),
                _query("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
            ],
            "responses": {
                "200": _json({"type": "array", "items": {"$ref": "#/components/schemas/TOTPCode"}}),
                "422": _json({"$ref": "#/components/schemas/HTTPValidationError"}),
            },
        }
    },
}
"""Operations that were recorded, or are known from semantics 2.11, and are in no schema."""

UNPUBLISHED_STATUSES: Final[dict[int, str]] = {
    400: "recorded for cancel, retry_webhook, totp and login, published for few operations",
    403: "recorded for every operation that asks for a key, published for few",
    404: "recorded for every id that names nothing, published for few operations",
    410: "recorded for a task in a browser session that was closed",
    503: "recorded for links to artifacts without a signing key",
}
"""Statuses the service gives on any operation; their bodies have the one form of a refusal."""

BROKEN_BODY: Final = "recorded for bodies the service fails to echo, such as NaN"
"""Why a 500 may be the answer to a body that is not JSON, and to nothing else."""

UNABLE: Final = {
    "/v1/upload_file": "a service that keeps files on its own disk breaks on uploads (semantics 2.15)",
}
"""Operations that may end in a 500, with the reason."""

OWN_STATUSES: Final[dict[int, str]] = {
    307: "a path that has no form with a slash at its end leads to the one without",
    304: "HTTP: an answer to a conditional request",
    409: "the state of a thing forbids it; published for some operations, given by this server on others like them",
    413: "this server limits the size of bodies; proxies before the service do as well",
}
"""Statuses that were not recorded but are allowed on any operation, with the reason."""


ZONED_TIMES: Final = {
    ("FileInfo", "modified_at"): "recorded with a Z in the recordings of a browser session",
    ("WorkflowParameter", "created_at"): "recorded with a Z in the answer to a new agent",
    ("WorkflowParameter", "modified_at"): "recorded with a Z in the answer to a new agent",
}
"""(model, field): times that may end in ``Z``. Every other time of the service names no zone."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something in the body of an answer that the schema does not allow and the service sends all the same."""

    template: str
    status: int
    where: str
    """JSON pointer, indexes as ``*``."""
    rule: str
    names: tuple[str, ...]
    """The fields, for rules about fields; empty for any."""
    reason: str


BODY_DEVIATIONS: Final = (
    Deviation(
        "/v1/runs",
        200,
        "/*",
        "additionalProperties",
        ("attempt", "retry_pending", "next_attempt_at"),
        "recorded in every list of runs",
    ),
    Deviation(
        "/v1/credentials/totp",
        200,
        "",
        "additionalProperties",
        ("status",),
        "recorded for codes that are still to be read out of their message (raw_pending)",
    ),
    Deviation("/v1/run/tasks", 422, "/detail", "type", (), "recorded for file ids that are unknown: a text, no list"),
)
"""What was recorded and does not fit."""


def excuse(template: str, status: int, where: str, rule: str, names: tuple[str, ...]) -> str | None:
    """Return why a fault in the body of an answer is the schema's, if it is."""
    for known in BODY_DEVIATIONS:
        if (known.template, known.status, known.where, known.rule) == (template, status, where, rule) and (
            not known.names or set(names) <= set(known.names)
        ):
            return known.reason
    return None
