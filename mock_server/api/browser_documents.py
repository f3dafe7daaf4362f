"""Requests and answers about browser sessions and profiles.

Owns: their models, for validation and for the API's own documentation. Must not: know what
exists on the server.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, field_validator

from mock_server.api.documents import FileInfo, Refused
from mock_server.api.task_request import GeoTarget, ProxyLocation

Place = ProxyLocation | GeoTarget | dict[str, Any] | None

SHORTEST_MINUTES: Final = 5


class Extension(StrEnum):
    """Extensions a browser can be asked to have. Kept and shown; this server's browser has none."""

    AD_BLOCKER = "ad-blocker"
    CAPTCHA_SOLVER = "captcha-solver"


class BrowserType(StrEnum):
    """Browsers one can ask for. Kept and shown; this server has one Chromium."""

    MSEDGE = "msedge"
    CHROME = "chrome"
    STEALTH_CHROMIUM = "stealth-chromium"


class BrowserSettings(BaseModel):
    """How the browser is set up."""

    timezone_id: str | None = Field(None, description="IANA name of the time zone pages see.")


class _WithPlace(BaseModel):
    """A request that may name a place to go through."""

    proxy_location: Place = Field(None, description="Goes through the proxy the server was given for it, if any.")
    proxy_session_id: str | None = Field(None, description="Kept and shown, without effect.")

    @field_validator("proxy_location")
    @classmethod
    def _known_place(cls, place: Place) -> Place:
        """An object that names no known place counts as none."""
        return None if isinstance(place, dict) else place


class CreateBrowserSessionRequest(_WithPlace):
    """A browser session to open."""

    url: str | None = Field(None, description="The page to open.")
    timeout: Annotated[int | None, Field(ge=SHORTEST_MINUTES, description="Minutes; 240 at most.")] = 60
    extensions: list[Extension] | None = None
    browser_type: BrowserType | None = None
    browser_profile_id: Annotated[str | None, Field(pattern="^bp_", description="The profile to begin with.")] = None
    generate_browser_profile: bool = Field(
        False, description="Keep cookies and storage when it ends, so that a profile can be made of them."
    )
    browser_settings: BrowserSettings | None = None
    needs_live_view: bool = False


class UpdateBrowserSessionRequest(BaseModel):
    """What can be changed about an open session."""

    generate_browser_profile: bool


class BrowserSessionResponse(BaseModel):
    """A browser session. Times are UTC without a zone."""

    browser_session_id: str
    organization_id: str
    status: str | None = Field(None, description="created, running, completed, failed or timeout.")
    runnable_type: str | None = Field(None, description="What is in it: task or workflow_run.")
    runnable_id: str | None = None
    timeout: int | None = Field(None, description="Minutes.")
    browser_address: str | None = Field(None, description="Always null: this server offers no DevTools endpoint.")
    app_url: str | None = None
    extensions: list[Extension] | None = None
    browser_type: BrowserType | None = None
    browser_profile_id: str | None = None
    generate_browser_profile: bool = False
    browser_settings: BrowserSettings | None = None
    browser_settings_receipt: dict[str, Any] | None = None
    vnc_streaming_supported: bool = False
    stream_transport: str | None = None
    download_path: str | None = None
    downloaded_files: list[FileInfo] | None = None
    recordings: list[FileInfo] | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    created_by: str | None = None
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    warning: str | None = Field(None, description="A timeout that was capped, or why the session failed.")
    source: str = "managed"
    remaining_lifetime_seconds: int | None = None


class CloseBrowserSessionResponse(BaseModel):
    """The session is closed."""

    message: str


class CreateBrowserProfileRequest(_WithPlace):
    """A profile to make: of a session, of a run, or blank."""

    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    browser_session_id: Annotated[str | None, Field(min_length=1)] = None
    workflow_run_id: Annotated[str | None, Field(min_length=1, description="wr_ id, or any other id of a run.")] = None


class UpdateBrowserProfileRequest(_WithPlace):
    """What to change about a profile; what is left out stays."""

    name: Annotated[str | None, Field(min_length=1)] = None
    description: str | None = None
    rotate_proxy_session_id: bool = False


class BrowserProfile(BaseModel):
    """Cookies and storage under a name."""

    browser_profile_id: str
    organization_id: str
    name: str
    description: str | None = None
    source_browser_type: str | None = None
    proxy_location: Place = None
    proxy_session_id: str | None = None
    is_managed: bool = False
    workflow_permanent_id: str | None = None
    browser_profile_key_digest: str | None = None
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    last_verified_login_at: datetime | None = None
    linked_credential_name: str | None = None


ENDED: Final[dict[int | str, dict[str, Any]]] = {409: {"model": Refused, "description": "The session has ended."}}
NAME_TAKEN: Final[dict[int | str, dict[str, Any]]] = {409: {"model": Refused, "description": "The name is in use."}}
NO_SOURCE: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Refused, "description": "There is nothing to make a profile of."}
}
GONE: Final[dict[int | str, dict[str, Any]]] = {410: {"model": Refused, "description": "The session has ended."}}
