"""Artifacts: how they are sorted, previewed and handed to a browser without doing harm."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from mock_server.artifacts.kinds import KINDS


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 2000)
    return file.getvalue()


def har(*urls: str) -> bytes:
    entries = [
        {
            "request": {"method": "GET", "url": url},
            "response": {"status": 200, "content": {"mimeType": "text/html; charset=utf-8"}},
            "time": 12.4,
        }
        for url in urls
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


async def look(visitor: httpx.AsyncClient, record: Any) -> str:
    answer = await visitor.get(f"/viewer/artifacts/{record.artifact_id}/look")
    assert answer.status_code == 200
    return answer.text


async def content(visitor: httpx.AsyncClient, record: Any, **headers: str) -> httpx.Response:
    return await visitor.get(f"/viewer/artifacts/{record.artifact_id}/content", headers=headers)


async def test_grouped_by_step_and_type(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """Artifacts stand under their step, numbered as in the timeline, types in a fixed order, the run's own last."""
    run = make.run()
    actions = [{"step_id": "stp_b", "step_order": 1}, {"step_id": "stp_a", "step_order": 0}]
    make.item(run, "block", {"actions": actions})
    make.artifact(run, "har", step=None)
    for step in ("stp_b", "stp_a"):
        clock.move(1)
        make.artifact(run, "html_action", step=step)
        make.artifact(run, "screenshot_action", step=step)
    page = (await visitor.get(f"/runs/{run.run_id}")).text.partition('id="artifacts"')[2]
    order = [page.index(f"<h3>{title}</h3>") for title in ("Step 1", "Step 2", "Whole run")]
    assert order == sorted(order)
    first_step = page[order[0] : order[1]]
    assert 0 < first_step.index("screenshot action") < first_step.index("html action")
    assert page.rindex("har") > order[2]


@pytest.mark.parametrize("kind", list(KINDS))
async def test_every_type_can_be_looked_at(kind: str, visitor: httpx.AsyncClient, make: Any):
    """Every type of artifact there is has a page, a preview and a download, even if its content is nonsense."""
    run = make.run()
    record = make.artifact(run, kind, b"\xff\xfe<script>alert(1)</script>")
    assert (await visitor.get(f"/viewer/artifacts/{record.artifact_id}")).status_code == 200
    assert "<script>alert" not in await look(visitor, record)
    saved = await visitor.get(f"/viewer/artifacts/{record.artifact_id}/content?download=1")
    assert saved.content == b"\xff\xfe<script>alert(1)</script>"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert kind.replace("_", " ") in (await visitor.get(f"/runs/{run.run_id}")).text


async def test_scraped_pages_run_in_a_sandbox(visitor: httpx.AsyncClient, make: Any):
    """A page that was scraped is framed with everything off, by the frame and by its own policy."""
    record = make.artifact(make.run(), "html_scrape", b"<script>alert(1)</script>")
    preview = await look(visitor, record)
    assert '<iframe class="frame" sandbox referrerpolicy="no-referrer"' in preview
    assert f'src="/viewer/artifacts/{record.artifact_id}/content"></iframe>' in preview
    answer = await content(visitor, record)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "frame-ancestors 'self'" in policy
    assert "allow-" not in policy
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]


@pytest.mark.parametrize(
    ("filename", "media_type"),
    [
        ("evil.html", "text/html; charset=utf-8"),
        ("evil.svg", "text/plain; charset=utf-8"),
        ("evil.xml", "text/plain; charset=utf-8"),
        ("evil.js", "text/plain; charset=utf-8"),
        ("data.json", "text/plain; charset=utf-8"),
        ("photo.JPG", "image/jpeg"),
        ("paper.pdf", "application/pdf"),
        ("evil.exe", "application/octet-stream"),
        ("evil.xhtml", "application/octet-stream"),
        ("nothing", "application/octet-stream"),
    ],
)
async def test_downloads_are_what_is_safe(*, filename: str, media_type: str, visitor: httpx.AsyncClient, make: Any):
    """A file a page brought is shown as text or picture if its name says so, html in a sandbox, the rest is saved."""
    record = make.artifact(make.run(), "download", b"<svg onload=alert(1)>", filename=filename)
    answer = await content(visitor, record)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ("attachment" in answer.headers.get("content-disposition", "")) is media_type.endswith("octet-stream")
    assert ("sandbox" in answer.headers["content-security-policy"]) is media_type.startswith("text/html")


async def test_names_of_downloads(visitor: httpx.AsyncClient, make: Any):
    """A file is saved under its own name; a name with line breaks or quotes cannot change the header."""
    record = make.artifact(make.run(), "download", b"x", filename='in"voi\r\nce: é.bin')
    header = (await content(visitor, record)).headers["content-disposition"]
    assert header == "attachment; filename*=utf-8''in%22voi%0D%0Ace%3A%20%C3%A9.bin"


async def test_ranges(visitor: httpx.AsyncClient, make: Any):
    """A recording is given in ranges, so that a player can seek; changed content ends the range."""
    data = bytes(range(256)) * 8
    record = make.artifact(make.run(), "recording", data)
    whole = await content(visitor, record)
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, data, "bytes")
    assert whole.headers["content-type"] == "video/webm"
    part = await content(visitor, record, range="bytes=1000-1099")
    assert (part.status_code, part.content) == (206, data[1000:1100])
    assert part.headers["content-range"] == "bytes 1000-1099/2048"
    assert (await content(visitor, record, range="bytes=5000-")).status_code == 416
    other = await content(visitor, record, range="bytes=0-1", **{"if-range": '"other"'})
    assert other.status_code == 200


async def test_previews(visitor: httpx.AsyncClient, make: Any):
    """JSON is indented, an archive lists its files, a HAR its requests, a picture and a film are shown."""
    run = make.run()
    assert "{\n  &#34;a&#34;: 1\n}" in await look(visitor, make.artifact(run, "llm_request", b'{"a":1}'))
    archive = await look(visitor, make.artifact(run, "trace", zipped("trace.network", "<b>x</b>")))
    assert "trace.network" in archive
    assert "&lt;b&gt;x&lt;/b&gt;" in archive
    assert "2.0 KiB" in archive
    requests = await look(visitor, make.artifact(run, "har", har("http://a.example/?q=<i>")))
    assert "<td><bdi>GET</bdi></td><td><bdi>200</bdi></td>" in requests
    assert "http://a.example/?q=&lt;i&gt;" in requests
    assert "12 ms" in requests
    assert "<img" in await look(visitor, make.artifact(run, "screenshot_final", b"\x89PNG"))
    assert "<video" in await look(visitor, make.artifact(run, "recording", b"\x1a"))
    assert "no safe way" in await look(visitor, make.artifact(run, "download", b"x", filename="a.bin"))


async def test_large_files_are_not_shown_whole(visitor: httpx.AsyncClient, make: Any):
    """Of a large text the beginning is shown, of a long list so many rows, and each says so."""
    run = make.run()
    text = await look(visitor, make.artifact(run, "browser_console_log", b"line\n" * 100_000))
    assert len(text) < 80_000
    assert "the file has 488 KiB" in text
    rows = await look(visitor, make.artifact(run, "har", har(*["http://a.example/"] * 400)))
    assert rows.count("<tr>") == 301
    assert "100 more are not shown." in rows
    files = await look(visitor, make.artifact(run, "trace", zipped(*(f"f{n}" for n in range(310)))))
    assert "10 more are not shown." in files


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("har", b'{"log": 1}'),
        ("har", b'{"log": {"entries": [1, {"request": 2, "response": null, "time": "x"}]}}'),
        ("har", b"not json"),
        ("llm_request", b"[" * 100_000),
        ("llm_request", b'"\\ud800"'),
        ("trace", b"PK\x03\x04 broken"),
        ("browser_console_log", b""),
    ],
)
async def test_broken_files(kind: str, data: bytes, visitor: httpx.AsyncClient, make: Any):
    """A file that is not what its type says is shown as far as it goes, or said to be broken."""
    answer = await visitor.get(f"/viewer/artifacts/{make.artifact(make.run(), kind, data).artifact_id}/look")
    assert answer.status_code == 200


async def test_file_that_is_gone(visitor: httpx.AsyncClient, make: Any, services: Any):
    """An artifact whose file is gone from the disk is 404, and the page of its run still works."""
    run = make.run()
    record = make.artifact(run, "llm_prompt")
    services.artifacts.path(record).unlink()
    assert (await content(visitor, record)).status_code == 404
    assert (await visitor.get(f"/viewer/artifacts/{record.artifact_id}/look")).status_code == 404
    assert (await visitor.get(f"/runs/{run.run_id}")).status_code == 200
