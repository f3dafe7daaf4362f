"""What libraries make anew for each server and each client, made once per process.

Most tests of the mock make a server of their own, and nearly all of that time goes into FastAPI's reading the same
functions' signatures and models again; the caches it keeps of them hold every such server in memory, too. What it
read depends on the function's code, annotations and defaults, so it is kept by these; only the function to call is
the server's own. And each HTTP client reads all certificates of the world, twenty times as much work as the request
a test makes with it.

Owns: these memories. Must not: change what is read.
"""

from __future__ import annotations

import dataclasses
import os
import ssl
from collections.abc import Callable, Hashable
from typing import Any

import fastapi.routing
import httpx
from fastapi.dependencies import models

_READ: dict[Hashable, Any] = {}
_FIELDS: dict[Hashable, Any] = {}
_TRUSTED: dict[Hashable, ssl.SSLContext] = {}


def read_routes_once() -> None:
    """Let FastAPI remember, from now on, what it read of a route."""
    if _is_done():
        return
    fastapi.routing.get_dependant = _remembering(fastapi.routing.get_dependant)  # type: ignore[assignment]
    fastapi.routing.create_model_field = _keeping(fastapi.routing.create_model_field)  # type: ignore[assignment]


def trust_once() -> None:
    """Let the HTTP clients that trust whom everybody trusts share one list of certificates."""
    transports = httpx._transports.default
    make = transports.create_ssl_context

    def create_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert is not None:
            return make(verify=verify, cert=cert, trust_env=trust_env)
        key = (trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        if key not in _TRUSTED:
            _TRUSTED[key] = make(verify=verify, cert=cert, trust_env=trust_env)
        return _TRUSTED[key]

    if make.__module__ != __name__:
        transports.create_ssl_context = create_ssl_context


def forget_servers() -> None:
    """Drop what FastAPI keeps about functions it has met: each holds the server it belongs to."""
    for kept in vars(models).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


def _is_done() -> bool:
    return getattr(fastapi.routing.get_dependant, "remembers", False)


def _remembering(read: Callable[..., models.Dependant]) -> Callable[..., models.Dependant]:
    def get_dependant(*, path: str, call: Callable[..., Any], **options: Any) -> models.Dependant:
        if not hasattr(call, "__code__") or hasattr(call, "__wrapped__"):
            return read(path=path, call=call, **options)
        key = (
            path,
            call.__code__,
            tuple(call.__annotations__.items()),
            call.__defaults__,
            tuple((call.__kwdefaults__ or {}).items()),
            tuple(options.items()),
        )
        try:
            found = _READ.get(key)
        except TypeError:  # a default that can't be a key
            return read(path=path, call=call, **options)
        if found is None:
            found = _READ[key] = dataclasses.replace(read(path=path, call=call, **options), call=None)
        lists = {
            field.name: list(value)
            for field in dataclasses.fields(found)
            if isinstance(value := getattr(found, field.name), list)
        }
        return dataclasses.replace(found, call=call, **lists)

    get_dependant.remembers = True  # type: ignore[attr-defined]
    return get_dependant


def _keeping(make: Callable[..., Any]) -> Callable[..., Any]:
    def create_model_field(name: str, type_: Any, mode: str = "validation", **options: Any) -> Any:
        if options:
            return make(name=name, type_=type_, mode=mode, **options)
        key = (name, type_, mode)
        if key not in _FIELDS:
            _FIELDS[key] = make(name=name, type_=type_, mode=mode)
        return _FIELDS[key]

    return create_model_field
