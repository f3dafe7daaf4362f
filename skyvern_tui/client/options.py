"""Per-request options and known servers, under the official SDK's names.

Owns: ``RequestOptions``, ``SkyvernEnvironment`` and the reading of ``SKYVERN_API_KEY`` and
``SKYVERN_BASE_URL``. Must not: read profiles or files; that is ``skyvern_tui.config``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple, TypedDict

API_KEY_VARIABLE: Final = "SKYVERN_API_KEY"
BASE_URL_VARIABLE: Final = "SKYVERN_BASE_URL"


class SkyvernEnvironment(Enum):
    """Servers by name."""

    CLOUD = "https://api.skyvern.com"
    STAGING = "https://api-staging.skyvern.com"
    LOCAL = "http://localhost:8000"


class RequestOptions(TypedDict, total=False):
    """Settings for one call.

    Unlike in the official SDK they also hold for the polls of ``wait_for_completion``.
    """

    timeout_in_seconds: float
    max_retries: int
    additional_headers: Mapping[str, str]
    additional_query_parameters: Mapping[str, Any]
    additional_body_parameters: Mapping[str, Any]


class Endpoint(NamedTuple):
    """Where to send and who is asking. ``key_source`` says where the key came from, for error messages."""

    base_url: str
    api_key: str | None
    key_source: str

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r})"


def resolve_endpoint(
    api_key: str | None, base_url: str | None, environment: SkyvernEnvironment | None, env: Mapping[str, str] | None
) -> Endpoint:
    """Fill in what was not given.

    ``base_url`` wins over ``environment``, that over ``SKYVERN_BASE_URL``, that over the cloud; ``api_key`` wins
    over ``SKYVERN_API_KEY``.

    Raises ValueError for a base URL that is none and for a key that cannot be sent.
    """
    env = os.environ if env is None else env
    url = base_url or (environment.value if environment else "") or env.get(BASE_URL_VARIABLE, "").strip()
    source = "the api_key argument"
    if api_key is None:
        api_key, source = env.get(API_KEY_VARIABLE), API_KEY_VARIABLE
    key = (api_key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise ValueError(f"The key from {source} holds characters that no key has; copy it anew.")
    return Endpoint(normalise_base_url(url or SkyvernEnvironment.CLOUD.value), key or None, source)


def normalise_base_url(url: str) -> str:
    """Return ``url`` as the root under which ``/v1/...`` lies. Raises ValueError with what to write instead."""
    url = url.strip().rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"base_url {url!r} needs a scheme: write http://{url} or https://{url}.")
    return url.removesuffix("/v1").rstrip("/")
