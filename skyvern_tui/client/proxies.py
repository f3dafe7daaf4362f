"""Where a browser's traffic leaves from.

Owns: the names of the cloud's proxies and the finer target. Must not: know which call takes
them; a name that is not listed is sent as it is.

Source: the task API reference, ``proxy_location``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NotRequired, TypedDict


class ProxyLocation(StrEnum):
    """Where a cloud browser's traffic leaves from; a :class:`GeoTarget` says it more finely."""

    RESIDENTIAL = "RESIDENTIAL"
    RESIDENTIAL_AR = "RESIDENTIAL_AR"
    RESIDENTIAL_AU = "RESIDENTIAL_AU"
    RESIDENTIAL_BR = "RESIDENTIAL_BR"
    RESIDENTIAL_CA = "RESIDENTIAL_CA"
    RESIDENTIAL_DE = "RESIDENTIAL_DE"
    RESIDENTIAL_ES = "RESIDENTIAL_ES"
    RESIDENTIAL_FR = "RESIDENTIAL_FR"
    RESIDENTIAL_GB = "RESIDENTIAL_GB"
    RESIDENTIAL_IE = "RESIDENTIAL_IE"
    RESIDENTIAL_IN = "RESIDENTIAL_IN"
    RESIDENTIAL_ISP = "RESIDENTIAL_ISP"
    RESIDENTIAL_IT = "RESIDENTIAL_IT"
    RESIDENTIAL_JP = "RESIDENTIAL_JP"
    RESIDENTIAL_KR = "RESIDENTIAL_KR"
    RESIDENTIAL_MX = "RESIDENTIAL_MX"
    RESIDENTIAL_NL = "RESIDENTIAL_NL"
    RESIDENTIAL_NZ = "RESIDENTIAL_NZ"
    RESIDENTIAL_PH = "RESIDENTIAL_PH"
    RESIDENTIAL_SA = "RESIDENTIAL_SA"
    RESIDENTIAL_TR = "RESIDENTIAL_TR"
    RESIDENTIAL_ZA = "RESIDENTIAL_ZA"
    US_CA = "US-CA"
    US_FL = "US-FL"
    US_NY = "US-NY"
    US_TX = "US-TX"
    US_WA = "US-WA"
    NONE = "NONE"


class GeoTarget(TypedDict):
    """A place for the traffic to leave from: two letters for the country, then state or province, then city."""

    country: str
    subdivision: NotRequired[str]
    city: NotRequired[str]
    isISP: NotRequired[bool]
