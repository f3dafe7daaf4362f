"""Nothing secret is in any file a recording writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.scenarios.files import load
from mock_server.scenarios.journal import Entry
from mock_server.tapes.scrubbing import Scrubber
from mock_server.tapes.session import Recording
from tests.mock_server.tapes.exchanges import entry

SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_-.", min_size=12, max_size=30).map(
    lambda text: f"S3{text}"
)
LINKS = [
    "https://bucket.s3.amazonaws.com/a.png?X-Amz-Credential={0}&X-Amz-Expires=9&X-Amz-Signature={0}",
    "https://storage.googleapis.com/b/a.png?Expires=1&GoogleAccessId={0}&Signature={0}",
    "https://x.blob.core.windows.net/c/a?se=2026&skoid={0}&sig={0}",
    "http://localhost/v1/artifacts/a_1/content?expiry={0}&kid={0}&sig={0}",
    "http://user:{0}@proxy.example.com:8080/",
    "https://example.com/login?next=https%3A%2F%2Fexample.com%2F%3Faccess_token%3D{0}%26x%3D1",
    "https://example.com/hook?api_key={0}&password={0}&client_secret={0}",
]
SHAPES: list[Callable[[str], Any]] = [
    lambda secret: {"password": secret, "list": [{"client_secret": secret, "apiKey": 1, "api_key": secret}]},
    lambda secret: {"extra_http_headers": {"X-Door": secret, "Authorization": f"Bearer {secret}"}},
    lambda secret: {"deep": [[{"er": {"access_token": {"value": secret}}}]]},
    lambda secret: {"told": json.dumps({"password": secret, "n": 1})},
    lambda secret: {"told": json.dumps([json.dumps({"totp_secret": secret})])},
    *[
        lambda secret, link=link: {"url": link.format(secret), "text": f"See {link.format(secret)} now"}
        for link in LINKS
    ],
]


def written(exchanges: list[Entry], **options: Any) -> str:
    """Record exchanges; return all that is in the files, and their names."""
    with TemporaryDirectory() as name:
        directory = Path(name)
        recording = Recording(directory, "http://upstream.test", **{"pace": "polls", **options})

        async def keep() -> None:
            for each in exchanges:
                await recording.keep(each)

        asyncio.run(keep())
        summary = recording.close()
        assert recording.trouble is None
        load([directory / "scenarios.yaml"])
        files = [path for path in directory.rglob("*") if path.is_file()]
        texts = [path.read_bytes().decode(errors="replace") for path in files]
        return "\n".join([summary.replace(name, ""), *(str(path.relative_to(directory)) for path in files), *texts])


def run_of(secret: str, shape: Any, key: str) -> list[Entry]:
    """Return the exchanges of one run, with a secret in every place there is."""
    headers = [
        (b"x-api-key", key.encode()),
        (b"authorization", f"Bearer {secret}".encode()),
        (b"cookie", f"session={secret}".encode()),
        (b"x-secret-token", secret.encode()),
        (b"referer", f"http://x/?token={secret}".encode()),
    ]
    answered = [
        (b"content-type", b"application/json"),
        (b"set-cookie", f"session={secret}".encode()),
        (b"location", f"http://x/y?sig={secret}".encode()),
        (b"x-skyvern-signature", secret.encode()),
    ]
    request = {"prompt": f"Log in with {key}", "url": LINKS[0].format(secret), "data": shape}
    run = {"run_id": "tsk_v2_1", "status": "completed", "output": shape, "failure_reason": None, "run_request": request}
    artifact = {
        "artifact_id": "a_1",
        "artifact_type": "har",
        "signed_url": LINKS[3].format(secret),
        "run_id": "tsk_v2_1",
    }
    block = {"block_type": "task", "output": shape, "actions": [{"action_type": "input_text", "output": shape}]}
    timeline = [{"type": "block", "block": block, "thought": None, "children": []}]

    def exchange(method: str, path: str, answer: Any, **more: Any) -> Entry:
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return entry(method=method, path=path, headers=headers, answer_headers=answered, answer=raw, **more)

    return [
        exchange("POST", "/v1/run/tasks", run, body=json.dumps(request).encode()),
        exchange("GET", "/v1/runs/tsk_v2_1", run, query=f"expiry={secret}&sig={secret}".encode()),
        exchange("GET", "/v1/runs/tsk_v2_1/timeline", timeline),
        exchange("GET", "/v1/runs/tsk_v2_1/artifacts", [artifact]),
        exchange("GET", "/v1/artifacts/a_1/content", json.dumps(shape).encode()),
        exchange("POST", "/v1/other", f"username=u&password={secret}".encode(), body=f"password={secret}".encode()),
        exchange("POST", "/v1/other", f'{{"token": "{secret}" broken'.encode()),
    ]


@settings(max_examples=40)
@given(SECRETS, st.sampled_from(SHAPES), SECRETS)
def test_no_secret_is_written(secret: str, shape: Callable[[str], Any], key: str):
    """Headers, queries, bodies, JSON within JSON, signed links, artifacts: planted everywhere, it is in no file."""
    text = written(run_of(secret, shape(secret), f"key-{key}"))
    assert secret not in text
    assert key not in text


@settings(max_examples=30)
@given(
    st.text(min_size=8, max_size=30).filter(lambda text: len(text.strip()) >= 8),
    st.sampled_from(["/v1/credentials", "/v1/credentials/totp"]),
)
def test_a_credential_is_recognised_later(secret: str, path: str):
    """What was given away as a credential is left out of exchanges after it, however JSON writes it."""
    secret = f"{secret}§"
    inner = {"content": secret} if path.endswith("totp") else {"credential": {"username": "u", "password": secret}}
    later = {"run_id": "tsk_v2_1", "status": "completed", "output": {"page": f"It says {secret} here"}}
    for ascii_only in (True, False):
        text = written(
            [
                entry(method="POST", path=path, body=json.dumps(inner).encode()),
                entry(answer=json.dumps(later, ensure_ascii=ascii_only).encode()),
            ]
        )
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def test_the_upstreams_own_key_is_left_out():
    """The key that is sent in place of the client's is known from the start."""
    key = "real-key-of-the-service"
    text = written([entry(answer=f'{{"echo": "{key}"}}'.encode())], secrets=[key])
    assert key not in text
    assert "REDACTED" in text


@pytest.mark.parametrize("personal", [True, False])
def test_personal_data_when_asked(personal: bool):
    """Addresses and telephone numbers stay unless they are asked to be left out; ids and dates always stay."""
    said = (
        "Ask jo.doe+x@mail.example.org or +49 30 1234567 or (555) 123-4567 about tsk_599733239044378624 of 2026-11-22"
    )
    text = written([entry(answer=json.dumps({"a": said}).encode())], personal=personal)
    for piece in ("jo.doe+x@mail.example.org", "1234567", "123-4567"):
        assert (piece in text) is not personal
    assert "tsk_599733239044378624 of 2026-11-22" in text


def test_matches_survive_scrubbing():
    """A prompt or address that lost a secret is matched around the gap."""
    secret = "S3cret-and-long"
    request = {"prompt": f"Use key-{secret} (twice: key-{secret}).", "url": f"https://example.com/?token={secret}&x=1"}
    run = {"run_id": "tsk_v2_1", "status": "completed"}
    exchange = entry(
        method="POST",
        path="/v1/run/tasks",
        headers=[(b"x-api-key", f"key-{secret}".encode())],
        body=json.dumps(request).encode(),
        answer=json.dumps(run).encode(),
    )
    with TemporaryDirectory() as name:
        recording = Recording(Path(name), "http://upstream.test", pace="polls")
        asyncio.run(recording.keep(exchange))
        recording.close()
        (script,) = load([Path(name) / "scenarios.yaml"])
    assert script.match.fits(request)
    assert not script.match.fits({**request, "prompt": "Use no key."})


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_binary_bodies_are_untouched(data: bytes):
    """A picture is not changed because some of its bytes look like something."""
    picture = b"\x89PNG\0" + data + b"&otp=1&\xff"
    assert Scrubber().clean(entry(answer=picture)).answer == picture


def test_what_is_no_secret_is_true():
    """Bodies without secrets are written byte for byte, harmless names and links that are not signed too."""
    body = b'{"totp_identifier":"u@example.com","credential_id":"c","url":"https://example.com/?q=a&page=2#x","n": 1.0}'
    shown = Scrubber().clean(entry(body=body, answer=body, query=b"page=2&status=completed"))
    assert (shown.body, shown.answer, shown.query) == (body, body, b"page=2&status=completed")
