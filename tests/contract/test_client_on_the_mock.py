"""Our client's handles, watches, downloads and webhooks on a running mock, over HTTP, with faults between them."""

from __future__ import annotations

import pytest

from mock_server.testing import LocalServer, open_mock
from skyvern_tui.client import (
    ArtifactAdded,
    Finished,
    OutageBegan,
    OutageEnded,
    StatusChanged,
    WebhookSignatureError,
    verify_webhook,
)

PDF = b"%PDF-1.7 " + bytes(range(256)) * 2000


@pytest.fixture(scope="module")
def server():
    with LocalServer() as started:
        yield started


@pytest.fixture
def mock(server):
    with open_mock(server) as opened:
        yield opened


def names(changes):
    return [type(change).__name__ for change in changes]


def test_a_scripted_run_is_watched_through_an_outage_on_both_faces(mock):
    """Its statuses in order, one outage, its end: the same on the blocking and on the awaitable face."""
    traces = []
    for face in ("sync", "async"):
        mock.script().queued(polls=1).running(polls=3).completed(output={"title": "x"})
        client = mock.client()
        run = client.run_task("Get the title")
        mock.fault(on="get_run", calls=[2], kind="reset")
        mock.fault(on="get_run_artifacts", calls=[2], status=503, kind="status")
        changes = list(client.run(run.run_id).watch(timeout=600)) if face == "sync" else _awaited(mock, run.run_id)
        mock.clear_faults()
        assert isinstance(changes[-1], Finished)
        assert changes[-1].run.output == {"title": "x"}
        statuses = [change.status for change in changes if isinstance(change, StatusChanged)]
        assert statuses[-2:] == ["running", "completed"]
        assert any(isinstance(change, OutageBegan) for change in changes)
        assert names(changes).count("OutageBegan") == names(changes).count("OutageEnded")
        added = [change.artifact.artifact_id for change in changes if isinstance(change, ArtifactAdded)]
        assert len(added) == len(set(added))
        traces.append([kind for kind in names(changes) if kind != "ArtifactAdded"])
    assert OutageEnded.__name__ in traces[0]
    assert traces[0] == traces[1]


def _awaited(mock, run_id):
    import asyncio  # noqa: PLC0415 - one face only

    async def main():
        client = mock.async_client()
        try:
            return [change async for change in client.run(run_id).watch(timeout=600)]
        finally:
            await client.close()

    return asyncio.run(main())


def test_what_a_run_downloaded_arrives_whole_over_a_bad_line(mock, tmp_path):
    """Cut off in the middle and answered with a proxy's page, the file is fetched on, verified and named as it is."""
    mock.script().completed(downloads={"Invoice 7.pdf": PDF})
    client = mock.client()
    run = client.run_task("download the invoice", wait_for_completion=True)
    mock.fault(on="get_artifact_content", calls=[1], kind="truncated", bytes=4000)
    mock.fault(on="get_artifact_content", calls=[2], kind="html", status=502)
    paths = client.run(run).download_all(tmp_path, artifact_type="download")
    assert [path.name for path in paths] == ["Invoice 7.pdf"]
    assert paths[0].read_bytes() == PDF
    assert [entry.name for entry in tmp_path.iterdir()] == ["Invoice 7.pdf"]


def test_a_delivery_of_the_mock_is_believed_and_a_changed_one_is_not(mock):
    """The event is the run as it ended; another body or key is refused."""
    mock.script().completed(output={"title": "Zähler"})
    client = mock.client()
    with mock.webhook_sink() as sink:
        run = client.run_task("x", webhook_url=sink.url, wait_for_completion=True)
    last = sink.last
    event = verify_webhook(last.body, last.headers, mock.api_key, tolerance=None)
    assert (event.run_id, event.status, event.output) == (run.run_id, run.status, {"title": "Zähler"})
    with pytest.raises(WebhookSignatureError):
        verify_webhook(last.body.replace(b"completed", b"failed"), last.headers, mock.api_key, tolerance=None)
    with pytest.raises(WebhookSignatureError):
        verify_webhook(last.body, last.headers, "another-key", tolerance=None)
    client.run(run).retry_webhook()
    assert (
        verify_webhook(sink.last.body, sink.last.headers, mock.api_key, tolerance=None).replay_key == event.replay_key
    )
