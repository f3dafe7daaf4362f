"""The API's documentation as a page that needs no network.

Owns: ``/docs``, made from the same description as ``/openapi.json``. Must not: load
scripts or styles from elsewhere, as the usual viewers do: this server works offline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f6f8;padding:.8rem;overflow:auto;border-radius:6px}
details{border:1px solid #d5dae0;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}summary{cursor:pointer}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #e4e8ec;padding:.25rem .5rem;text-align:left}
b.m{display:inline-block;min-width:4rem}@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#15181c}
pre{background:#1f242a}details,td,th{border-color:#363c44}}
"""


def add(app: FastAPI) -> None:
    """Add the route."""

    @app.get("/docs", include_in_schema=False)
    @app.get("/redoc", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(page(app.openapi()))


def page(description: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    info = description["info"]
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    )
    schemas = "".join(
        _schema(name, schema) for name, schema in description.get("components", {}).get("schemas", {}).items()
    )
    title = escape(info["title"])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title} {escape(info['version'])}</h1>"
        f"<p>{escape(info.get('description', ''))} The same as data: <a href='/openapi.json'>/openapi.json</a>.</p>"
        f"<h2>Operations</h2>{operations}<h2>Models</h2>{schemas}</html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    head = f"<b class=m>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    return f"<details><summary>{head}</summary>{''.join(_parts(operation))}</details>"


def _parts(operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    if parameters := operation.get("parameters"):
        rows = "".join(
            f"<tr><td><code>{escape(item['name'])}</code><td>{item['in']}<td>{escape(_kind(item['schema']))}"
            f"<td>{escape(item.get('description', ''))}</tr>"
            for item in parameters
        )
        yield f"<table><tr><th>Parameter<th>In<th>Type<th></tr>{rows}</table>"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"<p>Body: {_link(content['schema'])}</p>"
    rows = "".join(
        f"<tr><td>{status}<td>{escape(answer.get('description', ''))}<td>{_answer_link(answer)}</tr>"
        for status, answer in operation["responses"].items()
    )
    yield f"<table><tr><th>Status<th>When<th>Answer</tr>{rows}</table>"


def _answer_link(answer: Mapping[str, Any]) -> str:
    return ", ".join(_link(content.get("schema", {})) for content in answer.get("content", {}).values())


def _link(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_link(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_link(schema.get('items', {}))}"
    name = escape(_kind(schema))
    return f"<a href='#{name}'>{name}</a>" if "$ref" in schema else name


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    text = json.dumps(schema, indent=1, ensure_ascii=False)
    return f"<details id='{escape(name)}'><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>"
