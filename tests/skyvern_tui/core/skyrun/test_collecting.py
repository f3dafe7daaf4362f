"""Claims about fetching everything of a run into one file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from skyvern_tui.client.errors import BadRequestError, ConnectError, NotFoundError
from skyvern_tui.core.skyrun import collect, open_run
from tests.skyvern_tui.builders import a_block, a_run, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway

NOW = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)


def a_server(count=6):
    """Return a server with one finished run and its artifacts."""
    run = a_run("tsk_v2_1", "completed", modified=9, output={"title": "Ä"})
    gateway = FakeGateway(run)
    gateway.timelines["tsk_v2_1"] = [a_block(1, when=2)]
    gateway.artifacts["tsk_v2_1"] = [an_artifact(n, when=n) for n in range(1, count + 1)]
    gateway.contents = {f"a_{n}": bytes([n]) * n for n in range(1, count + 1)}
    return gateway


async def test_everything_is_in_the_file(tmp_path):
    """Run, request, timeline, note, server and all artifacts come back out of the file; progress went up to all."""
    told = []
    path = tmp_path / "deep" / "run.skyrun"
    done = await collect(
        a_server(), "tsk_v2_1", path, saved_at=NOW,
        request={"prompt": "p", "extra_http_headers": {"Cookie": "abcdef1"}},
        server="https://example.com", note="mind the gap", secrets={"SKYVERN_API_KEY": "the-key"}, told=told.append,
    )  # fmt: skip
    saved = open_run(path)
    assert (done.artifacts, done.size, done.missing) == (6, 21, ())
    assert saved.run.output == {"title": "Ä"}
    assert saved.timeline is not None
    assert [saved.content(f"a_{n}") for n in range(1, 7)] == [bytes([n]) * n for n in range(1, 7)]
    assert (saved.server, saved.note, saved.saved_at) == ("https://example.com", "mind the gap", NOW)
    assert "abcdef1" not in str(saved.request)
    assert [(one.done, one.total) for one in told] == [(n, 6) for n in range(7)]


async def test_what_can_not_be_fetched_is_noted_with_its_reason(tmp_path):
    """One file that is gone does not spoil the rest; it is in the list with the reason, told and kept."""
    gateway = a_server()
    del gateway.contents["a_3"]
    gateway.timelines["tsk_v2_1"] = BadRequestError("no timeline", status_code=400)
    done = await collect(gateway, "tsk_v2_1", tmp_path / "run.skyrun", saved_at=NOW)
    saved = open_run(done.path)
    assert [reason for _, reason in done.missing] == ["Artifact not found a_3"]
    assert [one.missing for one in saved.artifacts if one.missing] == ["Artifact not found a_3"]
    assert saved.content("a_4") == b"\x04" * 4
    assert saved.timeline is None


@pytest.mark.parametrize("error", [NotFoundError("gone", status_code=404), ConnectError("refused")])
async def test_without_the_run_there_is_no_file(tmp_path, error):
    """When the run itself can't be had the reason is raised and nothing is written."""
    gateway = a_server()
    gateway.fault = error
    with pytest.raises(type(error)):
        await collect(gateway, "tsk_v2_1", tmp_path / "run.skyrun", saved_at=NOW)
    assert list(tmp_path.iterdir()) == []


async def test_stopping_midway_leaves_nothing_behind(tmp_path):
    """Cancelled while an artifact is on its way, it leaves no file, no half of one, and no fetch going on."""
    gateway = a_server()
    arrived, fetching = asyncio.Event(), []

    async def slow(artifact):
        if artifact.artifact_id in {"a_1", "a_2"}:
            return b"x"
        fetching.append(asyncio.current_task())
        arrived.set()
        return await asyncio.Future()

    gateway.get_artifact_content = slow
    task = asyncio.ensure_future(collect(gateway, "tsk_v2_1", tmp_path / "run.skyrun", saved_at=NOW))
    await arrived.wait()
    assert list(tmp_path.glob(".saving-*"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []
    assert fetching
    assert all(one.done() for one in fetching)


async def test_no_more_is_held_than_said(tmp_path):
    """Of many artifacts only a few are on their way at any time."""
    gateway = a_server(40)
    most = now = 0

    async def counted(artifact):
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return b"x"

    gateway.get_artifact_content = counted
    await collect(gateway, "tsk_v2_1", tmp_path / "run.skyrun", saved_at=NOW)
    assert 1 <= most <= 3
