"""``sessions`` and ``browser-profiles``: browsers that stay open, and what is kept of them."""

from __future__ import annotations

from typing import Any

import click

from skyvern_tui.cli.envelope import current_reply, json_option, jsonl_options
from skyvern_tui.cli.server import Opening, server_options
from skyvern_tui.client.resources import BrowserProfile, BrowserSession


@click.command("list")
@jsonl_options
@server_options
def list_sessions(opening: Opening, /) -> None:
    """Print the sessions that are open, newest first: id, status, since when, minutes it may last, the run in it."""
    with opening as server:
        count = current_reply().give_each(server.client.get_browser_sessions(), _session_line)
        if not count:
            server.narrator.say(f"No session is open; `{server.again('sessions create')}` opens one.", "quiet")


@click.command("get")
@click.argument("session_id")
@json_option
@server_options
def get_session(opening: Opening, /, *, session_id: str) -> None:
    """Print a session, open or not, as JSON."""
    with opening as server:
        current_reply().give(server.client.get_browser_session(session_id).model_dump(mode="json"))


@click.command("create")
@click.option("--timeout", type=click.IntRange(5, 240), metavar="MINUTES", help="How long it may stay open; 60.")
@click.option("--url", metavar="URL", help="Page to open at once.")
@click.option("--browser-profile", metavar="ID", help="Begin with what is kept in this profile.")
@click.option("--keep", is_flag=True, help="Let a profile be made of it once it is closed.")
@click.option("--proxy-location", metavar="PLACE", help="Where its traffic leaves from, such as RESIDENTIAL_DE.")
@click.option("--extension", "extensions", multiple=True, help="ad-blocker or captcha-solver. Repeatable.")
@click.option("--browser-type", metavar="NAME", help="msedge, chrome or stealth-chromium.")
@json_option
@server_options
def create_session(
    opening: Opening,
    /,
    *,
    timeout: int | None,
    url: str | None,
    browser_profile: str | None,
    keep: bool,
    proxy_location: str | None,
    extensions: tuple[str, ...],
    browser_type: str | None,
) -> None:
    """Open a browser that stays open, and print its id: `run --browser-session-id ID` works in it."""
    given: dict[str, Any] = {
        "timeout": timeout,
        "url": url,
        "browser_profile_id": browser_profile,
        "generate_browser_profile": keep or None,
        "proxy_location": proxy_location,
        "extensions": list(extensions) or None,
        "browser_type": browser_type,
    }
    with opening as server:
        server.check_writable("open a session")
        session = server.client.create_browser_session(**{n: v for n, v in given.items() if v is not None})
        current_reply().give(session.model_dump(mode="json"), [session.browser_session_id])
        if session.warning:
            current_reply().warn(session.warning)
        server.narrator.say(
            f"Run in it: {server.again(f'run PROMPT --browser-session-id {session.browser_session_id}')}", "quiet"
        )


@click.command("close")
@click.argument("session_ids", nargs=-1, required=True, metavar="SESSION_ID...")
@json_option
@server_options
def close_session(opening: Opening, /, *, session_ids: tuple[str, ...]) -> None:
    """Close sessions. What is in them is lost, unless they were opened with --keep. Closing again does nothing."""
    with opening as server:
        server.check_writable("close a session")
        for session_id in session_ids:
            server.client.close_browser_session(session_id)
            server.narrator.say(f"Session {session_id} is closed.")
        current_reply().give([{"browser_session_id": session_id, "closed": True} for session_id in session_ids], [])


@click.command("list")
@click.option("--search", metavar="TEXT", help="Only profiles with this in their name or description.")
@click.option("--limit", type=click.IntRange(1, 100), default=50, show_default=True, help="Most profiles printed.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Which --limit of them, from 1.")
@jsonl_options
@server_options
def list_profiles(opening: Opening, /, *, search: str | None, limit: int, page: int) -> None:
    """Print browser profiles: id, when it was made, name."""
    with opening as server:
        found = server.client.list_browser_profiles(page=page, page_size=limit, search_key=search)
        if not current_reply().give_each(found, _profile_line):
            server.narrator.say("There are no such profiles.", "quiet")


@click.command("get")
@click.argument("profile_id")
@json_option
@server_options
def get_profile(opening: Opening, /, *, profile_id: str) -> None:
    """Print a browser profile as JSON."""
    with opening as server:
        current_reply().give(server.client.get_browser_profile(profile_id).model_dump(mode="json"))


@click.command("create")
@click.argument("name")
@click.option("--session", metavar="ID", help="Keep what this session, open or just closed, has in its browser.")
@click.option("--run", "run_id", metavar="ID", help="Keep what this workflow run left in its browser.")
@click.option("--description", metavar="TEXT", help="What it is for.")
@json_option
@server_options
def create_profile(
    opening: Opening, /, *, name: str, session: str | None, run_id: str | None, description: str | None
) -> None:
    """Keep cookies and storage of a browser under NAME, and print the id: `sessions create --browser-profile ID`.

    Without --session or --run the profile is empty.
    """
    if session and run_id:
        raise click.UsageError("--session and --run exclude one another. Give one of them.")
    with opening as server:
        server.check_writable("keep a profile")
        profile = server.client.create_browser_profile(
            name=name, description=description, browser_session_id=session, workflow_run_id=run_id
        )
        current_reply().give(profile.model_dump(mode="json"), [profile.browser_profile_id])


@click.command("delete")
@click.argument("profile_ids", nargs=-1, required=True, metavar="PROFILE_ID...")
@json_option
@server_options
def delete_profile(opening: Opening, /, *, profile_ids: tuple[str, ...]) -> None:
    """Delete browser profiles."""
    with opening as server:
        server.check_writable("delete a profile")
        for profile_id in profile_ids:
            server.client.delete_browser_profile(profile_id)
            server.narrator.say(f"Profile {profile_id} is deleted.")
        current_reply().give([{"browser_profile_id": profile_id, "deleted": True} for profile_id in profile_ids], [])


def _session_line(session: BrowserSession) -> str:
    since = session.started_at or session.created_at
    lasts = "" if session.timeout is None else f"  {session.timeout} min"
    holder = f"  {session.runnable_id}" if session.runnable_id else ""
    return f"{session.browser_session_id}  {session.status or '-':<10}  {since:%Y-%m-%d %H:%M:%S}{lasts}{holder}"


def _profile_line(profile: BrowserProfile) -> str:
    about = f"  {profile.description}" if profile.description else ""
    return f"{profile.browser_profile_id}  {profile.created_at:%Y-%m-%d %H:%M:%S}  {profile.name}{about}"
