"""Small, real artifacts of every type.

Owns: what a scripted run leaves when its script does not say what is in a file: pictures that
open, films that play, archives that unpack. Must not: depend on the run, so that they are the
same every time.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

_MEDIA: Final = Path(__file__).parent / "media"
_WIDTH, _HEIGHT = 320, 180
_INK: Final = (0x1F, 0x6F, 0xEB)
_PAPER: Final = (0xF6, 0xF8, 0xFA)

_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A scripted page</title></head>'
    "<body><h1>A scripted page</h1><p>No browser was here: this run follows a script.</p></body></html>\n"
)
_ELEMENTS: Final = [
    {
        "id": "AAAB",
        "frame": "main.frame",
        "frame_index": 0,
        "interactable": False,
        "tagName": "h1",
        "attributes": {},
        "text": "A scripted page",
        "children": [],
    }
]
_DECISION: Final = {
    "user_goal_stage": "The page shows what was asked for.",
    "user_goal_achieved": True,
    "action_plan": "Nothing is left to do.",
    "actions": [{"reasoning": "The goal is reached.", "confidence_float": 1.0, "action_type": "COMPLETE"}],
}
_LOG_LINE: Final = {"timestamp": "2026-01-01T00:00:00", "level": "info", "event": "This run follows a script."}
_EPOCH: Final = (2026, 1, 1, 0, 0, 0)


@cache
def sample(artifact_type: str) -> bytes:
    """Return the content of an artifact of that type. The same bytes every time."""
    return _MAKERS.get(artifact_type, _text("This artifact belongs to a scripted run.\n"))()


def _text(text: str) -> Callable[[], bytes]:
    return text.encode


def _json(value: Any) -> Callable[[], bytes]:
    return lambda: json.dumps(value, indent=2).encode()


def _media(name: str) -> Callable[[], bytes]:
    return (_MEDIA / name).read_bytes


def _picture(shown: int) -> Callable[[], bytes]:
    """Return a maker of a PNG with ``shown`` tenths of a bar drawn in it, so that screenshots can be told apart."""

    def make() -> bytes:
        def row(y: int) -> bytes:
            until = 20 + shown * (_WIDTH - 40) // 10 if 80 <= y < 100 else 20  # noqa: PLR2004  # where the bar is
            return b"\0" + bytes(_PAPER) * 20 + bytes(_INK) * (until - 20) + bytes(_PAPER) * (_WIDTH - until)

        pixels = b"".join(row(y) for y in range(_HEIGHT))
        header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
        chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)

    return make


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _archive(files: dict[str, bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
        return whole.getvalue()

    return make


def _pdf() -> bytes:
    """Return a PDF of one page that says what it is."""
    words = b"BT /F1 18 Tf 40 120 Td (A scripted page) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 180] /Contents 4 0 R /Resources << /Font << /F1 5 0 R>>>>>>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    whole = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(whole))
    return whole + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


_HAR: Final = {
    "log": {
        "version": "1.2",
        "creator": {"name": "skyvern-mock", "version": "1"},
        "pages": [],
        "entries": [
            {
                "startedDateTime": "2026-01-01T00:00:00.000Z",
                "time": 12.0,
                "request": {
                    "method": "GET",
                    "url": "http://127.0.0.1/",
                    "httpVersion": "HTTP/1.1",
                    "cookies": [],
                    "headers": [],
                    "queryString": [],
                    "headersSize": -1,
                    "bodySize": 0,
                },
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "httpVersion": "HTTP/1.1",
                    "cookies": [],
                    "headers": [{"name": "content-type", "value": "text/html; charset=utf-8"}],
                    "content": {"size": len(_PAGE), "mimeType": "text/html", "text": _PAGE},
                    "redirectURL": "",
                    "headersSize": -1,
                    "bodySize": len(_PAGE),
                },
                "cache": {},
                "timings": {"send": 1.0, "wait": 10.0, "receive": 1.0},
            }
        ],
    }
}
_TRACE: Final = b'{"version":8,"type":"context-options","browserName":"chromium","options":{}}\n'

_MAKERS: Final[dict[str, Callable[[], bytes]]] = {
    "recording": _media("recording.webm"),
    "audio": _media("audio.webm"),
    "session_replay": _media("session_replay.mp4"),
    "eval_score": _json({"score": 1.0}),
    "eval_trajectory": _json([]),
    "eval_rubrics": _json([]),
    "browser_console_log": _text("2026-01-01T00:00:00 [log] A scripted page was loaded.\n"),
    "browser_session_action_log": _json([]),
    "skyvern_log": _text("2026-01-01T00:00:00 info    This run follows a script.\n"),
    "skyvern_log_raw": _json([_LOG_LINE]),
    "screenshot": _picture(3),
    "screenshot_llm": _picture(4),
    "screenshot_action": _picture(6),
    "screenshot_final": _picture(10),
    "screenshot_proxy": _picture(5),
    "screenshot_pre_submit": _picture(8),
    "llm_prompt": _text("Find out whether the page shows what was asked for.\n"),
    "llm_request": _json({"model": "scripted", "messages": [{"role": "user", "content": "What is on the page?"}]}),
    "llm_response": _json({"model": "scripted", "choices": [{"message": {"content": json.dumps(_DECISION)}}]}),
    "llm_response_parsed": _json(_DECISION),
    "llm_response_rendered": _json(_DECISION),
    "visible_elements_id_css_map": _json({"AAAB": "h1"}),
    "visible_elements_id_frame_map": _json({"AAAB": "main.frame"}),
    "visible_elements_id_xpath_map": _json({"AAAB": "/html/body/h1"}),
    "visible_elements_tree": _json(_ELEMENTS),
    "visible_elements_tree_trimmed": _json(_ELEMENTS),
    "visible_elements_tree_in_prompt": _text('<h1 id="AAAB">A scripted page</h1>\n'),
    "hashed_href_map": _json({}),
    "html": _text(_PAGE),
    "html_scrape": _text(_PAGE),
    "html_action": _text(_PAGE),
    "html_pre_submit": _text(_PAGE),
    "trace": _archive({"trace.trace": _TRACE, "trace.network": b""}),
    "har": _json(_HAR),
    "script_file": _text("async def run(page):\n    await page.goto('http://127.0.0.1/')\n"),
    "pdf": _pdf,
    "step_archive": _archive({"page.html": _PAGE.encode()}),
    "task_archive": _archive({"page.html": _PAGE.encode()}),
}
