"""Per-request options and known servers, under the official SDK's names.

Owns: ``RequestOptions``, ``SkyvernEnvironment`` and what a client's address and key are.
Must not: read files; profiles are ``skyvern_tui.config``'s, loaded when one is named.
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
    """Settings for one call; in ``skyvern.client.core`` of the official SDK.

    Unlike there they also hold for the polls of ``wait_for_completion``, and ``max_retries`` is the number of
    repetitions. ``timeout_in_seconds`` bounds each network operation; ``chunk_size`` is the bytes that a download
    hands on at once; what is added wins over what the call itself would send. Call it or write a dict.
    """

    timeout_in_seconds: float
    max_retries: int
    additional_headers: Mapping[str, str]
    additional_query_parameters: Mapping[str, Any]
    additional_body_parameters: Mapping[str, Any]
    chunk_size: int


class Endpoint(NamedTuple):
    """Where to send and who is asking. ``key_source`` says where the key came from, for error messages."""

    base_url: str
    api_key: str | None
    key_source: str

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r})"


def resolve_endpoint(
    api_key: str | None,
    base_url: str | None,
    environment: SkyvernEnvironment | None,
    env: Mapping[str, str] | None = None,
    *,
    profile: str | None = None,
) -> Endpoint:
    """Fill in what was not given.

    ``base_url`` wins over ``environment``, that over ``SKYVERN_BASE_URL``, that over the cloud; ``api_key`` wins
    over ``SKYVERN_API_KEY``. With a ``profile`` of the configuration file server and key are those of the profile,
    unless they are given.

    Raises ValueError for a base URL that is none, a key that cannot be sent and a profile that cannot be used.
    """
    env = os.environ if env is None else env
    url = base_url or (environment.value if environment else "")
    source = "the api_key argument"
    if profile is not None:
        if url:
            raise ValueError("profile names a server, and so do base_url and environment: give one of them.")
        url, kept = _from_profile(profile, env)
        if api_key is None:
            api_key, source = kept, f"profile {profile!r}"
    url = url or env.get(BASE_URL_VARIABLE, "").strip()
    if api_key is None:
        api_key, source = env.get(API_KEY_VARIABLE), API_KEY_VARIABLE
    key = (api_key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise ValueError(f"The key from {source} holds characters that no key has; copy it anew.")
    return Endpoint(normalise_base_url(url or SkyvernEnvironment.CLOUD.value), key or None, source)


def _from_profile(profile: str, env: Mapping[str, str]) -> tuple[str, str]:
    """Return address and key of a profile."""
    # The one door to the settings, opened only for who names a profile: the client itself needs no file.
    from skyvern_tui.config import ConfigError, resolve_connection  # noqa: PLC0415

    try:
        found = resolve_connection(profile=profile, env=env)
    except ConfigError as error:
        raise ValueError(f"{error.message} {error.hint}".strip()) from None
    if found is None or found.embedded:
        raise ValueError(f"Profile {profile!r} starts a mock server; start one and give its base_url.")
    return found.base_url, found.api_key


def normalise_base_url(url: str) -> str:
    """Return ``url`` as the root under which ``/v1/...`` lies. Raises ValueError with what to write instead."""
    url = url.strip().rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"base_url {url!r} needs a scheme: write http://{url} or https://{url}.")
    return url.removesuffix("/v1").rstrip("/")
