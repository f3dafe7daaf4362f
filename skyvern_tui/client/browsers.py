"""Browser sessions and browser profiles: a browser that stays open, and what is kept of one.

Owns: these calls and the requests behind them. Must not: do I/O; how a request is sent and
repeated is in ``exchange.py``.

Source: the SDK reference (``create_browser_session``); parameters of the published v1 schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.client.effects import Flow
from skyvern_tui.client.exchange import Exchange
from skyvern_tui.client.operations import Operation, done, given, segment
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.proxies import GeoTarget, ProxyLocation

if TYPE_CHECKING:
    from skyvern_tui.client.resources import BrowserProfile, BrowserSession

_SESSIONS: Final = "/v1/browser_sessions"
_PROFILES: Final = "/v1/browser_profiles"


class BrowserCalls(Exchange):
    """Calls about browser sessions and profiles, as flows of effects."""

    def create_browser_session(
        self,
        *,
        timeout: int | None = None,
        proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | str | None = None,
        url: str | None = None,
        extensions: Sequence[str] | None = None,
        browser_type: str | None = None,
        browser_profile_id: str | None = None,
        generate_browser_profile: bool | None = None,
        proxy_session_id: str | None = None,
        browser_settings: dict[str, Any] | None = None,
        needs_live_view: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[BrowserSession]:
        """Open a browser that stays open: give its ``browser_session_id`` to the runs that shall share it.

        ``timeout`` is minutes (the server's default is 60, at least 5, at most 240). ``extensions`` are
        ``ad-blocker`` and ``captcha-solver``; ``browser_type`` is ``msedge``, ``chrome`` or ``stealth-chromium``.

        Raises NotFoundError for an unknown profile, UnprocessableEntityError for a timeout that is too short.
        """
        body = given(
            timeout=timeout,
            proxy_location=proxy_location,
            url=url,
            extensions=None if extensions is None else list(extensions),
            browser_type=browser_type,
            browser_profile_id=browser_profile_id,
            generate_browser_profile=generate_browser_profile,
            proxy_session_id=proxy_session_id,
            browser_settings=browser_settings,
            needs_live_view=needs_live_view,
        )
        return self.execute(
            Operation("create_browser_session", "POST", _SESSIONS, _session, body=body or None), request_options
        )

    def get_browser_session(
        self, browser_session_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[BrowserSession]:
        """Return a session, open or not. Raises NotFoundError for an unknown id."""
        path = f"{_SESSIONS}/{segment('browser_session_id', browser_session_id)}"
        return self.execute(Operation("get_browser_session", "GET", path, _session), request_options)

    def get_browser_sessions(self, *, request_options: RequestOptions | None = None) -> Flow[list[BrowserSession]]:
        """Return the sessions that are open, newest first."""
        return self.execute(Operation("get_browser_sessions", "GET", _SESSIONS, _sessions), request_options)

    def update_browser_session(
        self,
        browser_session_id: str,
        *,
        generate_browser_profile: bool,
        request_options: RequestOptions | None = None,
    ) -> Flow[BrowserSession]:
        """Choose whether a profile can be made of the session once it is closed.

        Raises NotFoundError for an unknown id, ConflictError if the session is over.
        """
        path = f"{_SESSIONS}/{segment('browser_session_id', browser_session_id)}"
        body = {"generate_browser_profile": generate_browser_profile}
        return self.execute(Operation("update_browser_session", "PATCH", path, _session, body=body), request_options)

    def close_browser_session(
        self, browser_session_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[None]:
        """Close a session; what was not kept in a profile is lost. Closing it again does nothing.

        Raises NotFoundError for an unknown id.
        """
        path = f"{_SESSIONS}/{segment('browser_session_id', browser_session_id)}/close"
        return self.execute(Operation("close_browser_session", "POST", path, done), request_options)

    def create_browser_profile(
        self,
        *,
        name: str,
        description: str | None = None,
        browser_session_id: str | None = None,
        workflow_run_id: str | None = None,
        proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | str | None = None,
        proxy_session_id: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[BrowserProfile]:
        """Keep what a closed session or a run left in its browser, for later runs to begin with.

        Give ``browser_session_id`` or ``workflow_run_id``; neither makes an empty profile.

        Raises BadRequestError if there is nothing to keep yet, UnprocessableEntityError if both are given.
        """
        body = given(
            name=name,
            description=description,
            browser_session_id=browser_session_id,
            workflow_run_id=workflow_run_id,
            proxy_location=proxy_location,
            proxy_session_id=proxy_session_id,
        )
        return self.execute(
            Operation("create_browser_profile", "POST", _PROFILES, _profile, body=body), request_options
        )

    def get_browser_profile(
        self, profile_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[BrowserProfile]:
        """Return a profile. Raises NotFoundError for an unknown id."""
        path = f"{_PROFILES}/{segment('profile_id', profile_id)}"
        return self.execute(Operation("get_browser_profile", "GET", path, _profile), request_options)

    def list_browser_profiles(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        include_deleted: bool | None = None,
        search_key: str | None = None,
        managed: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[BrowserProfile]]:
        """Return one page of profiles; pages count from 1."""
        query = given(
            page=page,
            page_size=page_size,
            include_deleted=include_deleted,
            search_key=search_key,
            managed=managed,
        )
        return self.execute(
            Operation("list_browser_profiles", "GET", _PROFILES, _profiles, query=query), request_options
        )

    def update_browser_profile(
        self,
        profile_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | str | None = None,
        proxy_session_id: str | None = None,
        rotate_proxy_session_id: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[BrowserProfile]:
        """Change what is given and leave the rest. Raises NotFoundError for an unknown id."""
        path = f"{_PROFILES}/{segment('profile_id', profile_id)}"
        body = given(
            name=name,
            description=description,
            proxy_location=proxy_location,
            proxy_session_id=proxy_session_id,
            rotate_proxy_session_id=rotate_proxy_session_id,
        )
        return self.execute(Operation("update_browser_profile", "PATCH", path, _profile, body=body), request_options)

    def delete_browser_profile(self, profile_id: str, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Delete a profile. Raises NotFoundError for an unknown id."""
        path = f"{_PROFILES}/{segment('profile_id', profile_id)}"
        return self.execute(Operation("delete_browser_profile", "DELETE", path, done), request_options)


def _session(content: bytes) -> BrowserSession:
    from skyvern_tui.client.resources import SESSION  # noqa: PLC0415 - models load when first needed

    return SESSION.validate_json(content)


def _sessions(content: bytes) -> list[BrowserSession]:
    from skyvern_tui.client.resources import SESSIONS  # noqa: PLC0415 - models load when first needed

    return SESSIONS.validate_json(content)


def _profile(content: bytes) -> BrowserProfile:
    from skyvern_tui.client.resources import PROFILE  # noqa: PLC0415 - models load when first needed

    return PROFILE.validate_json(content)


def _profiles(content: bytes) -> list[BrowserProfile]:
    from skyvern_tui.client.resources import PROFILES  # noqa: PLC0415 - models load when first needed

    return PROFILES.validate_json(content)
