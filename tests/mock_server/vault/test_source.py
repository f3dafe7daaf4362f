"""Where a run's code comes from, in which order, and what ends the waiting. All on virtual time."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.agent.events import NoCodeError
from mock_server.store.records import RunRecord
from mock_server.vault.endpoint import CodeEndpoint
from mock_server.vault.fetching import Fetcher
from mock_server.vault.source import CodeSource
from mock_server.vault.vault import Vault

KEY = "test-key"
CODE = {"verification_code": "112233"}
Answer = Callable[[httpx.Request], Any]


class Service:
    """A code service: answers in turn, the last answer again and again; an exception is a dead connection."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


@pytest.fixture
def source(vault: Vault, clock: Any) -> Callable[..., CodeSource]:
    """Return a function that makes a run's source; ``service`` stands behind its totp_url."""

    def make(run: RunRecord, service: Service | None = None, *, key: str | None = KEY, **ways: Any) -> CodeSource:
        if service is not None:
            fetcher = Fetcher(transport=httpx.MockTransport(service))
            ways["endpoint"] = CodeEndpoint("http://codes.test/totp", run, fetcher, clock, lambda: key)
        return CodeSource(run, clock, vault.codes, lambda text: None, **ways)

    return make


async def test_a_secret_goes_first(source: Any, run: RunRecord, push: Any):
    """With a secret nobody is asked and nothing is waited for."""
    push("999999")
    service = Service(CODE)
    code = await source(run, service, secret="JBSWY3DPEHPK3PXP", identifier="a@b.c")()
    assert (len(code), service.requests) == (6, [])
    assert code not in ("999999", "112233")


async def test_the_request_to_the_service(source: Any, run: RunRecord, step_run: RunRecord, workflow_run: RunRecord):
    """It is JSON with the run's ids, signed with the tenant's key over the very bytes."""
    expected = {
        run.run_id: {
            "task_id": run.run_id,
            "workflow_run_id": run.workflow_run_id,
            "workflow_permanent_id": run.workflow_permanent_id,
        },
        step_run.run_id: {"task_id": step_run.run_id},
        workflow_run.run_id: {
            "workflow_run_id": workflow_run.run_id,
            "workflow_permanent_id": workflow_run.workflow_permanent_id,
        },
    }
    for one in (run, step_run, workflow_run):
        service = Service(CODE)
        assert await source(one, service)() == "112233"
        (request,) = service.requests
        assert json.loads(request.content) == expected[one.run_id]
        assert (
            request.headers["x-skyvern-signature"]
            == hmac.new(KEY.encode(), request.content, hashlib.sha256).hexdigest()
        )
        assert request.headers["x-skyvern-timestamp"] == "1795262400"
        assert request.headers["content-type"] == "application/json"


async def test_the_service_is_asked_every_ten_seconds(source: Any, run: RunRecord, clock: Any):
    """Answers without a code, of any status, are followed by another question ten seconds later."""
    service = Service(
        {"verification_code": None}, httpx.Response(503), httpx.Response(404), {}, {"verification_code": ""}, CODE
    )
    assert await source(run, service)() == "112233"
    assert clock.monotonic() == 50
    assert len(service.requests) == 6


async def test_a_message_of_the_service(source: Any, run: RunRecord):
    """A whole message in verification_code is read like a pushed one; a number is a code too."""
    assert await source(run, Service({"verification_code": "Your login code is 445566, thanks"}))() == "445566"
    assert await source(run, Service({"verification_code": 778899}))() == "778899"


async def test_a_dead_connection_is_tried_three_times(source: Any, run: RunRecord, clock: Any):
    """Five seconds lie between the tries of one question."""
    dead = httpx.ConnectError("refused")
    service = Service(dead, dead, CODE)
    assert await source(run, service)() == "112233"
    assert (len(service.requests), clock.monotonic()) == (3, 10)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.ConnectError("refused"), "cannot be reached (refused)"),
        (httpx.Response(200, html="<p>123456</p>"), "answers with text/html"),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), "not JSON"),
    ],
)
async def test_a_service_that_never_answers_properly(source: Any, run: RunRecord, clock: Any, answer: Any, said: str):
    """After fifteen minutes the run is marked OTP_ERROR, and the reason says what was wrong with the service."""
    with pytest.raises(NoCodeError) as caught:
        await source(run, Service(answer))()
    assert caught.value.error_code == "OTP_ERROR"
    assert said in str(caught.value)
    assert 900 <= clock.monotonic() < 920


async def test_a_service_that_has_no_code(source: Any, run: RunRecord, clock: Any):
    """After fifteen minutes the run is marked OTP_TIMEOUT."""
    with pytest.raises(NoCodeError) as caught:
        await source(run, Service({}))()
    assert (caught.value.error_code, clock.monotonic()) == ("OTP_TIMEOUT", 900)


async def test_without_the_key_nothing_is_sent(source: Any, run: RunRecord):
    """After a restart, before the key was used again, no unsigned question goes out; the reason says so."""
    service = Service(CODE)
    with pytest.raises(NoCodeError, match="does not know the API key"):
        await source(run, service, key=None)()
    assert service.requests == []


async def test_a_code_that_was_pushed_before(source: Any, run: RunRecord, push: Any, clock: Any):
    """The newest that is still good is taken, at once."""
    push("111111")
    clock.move(1)
    push("222222")
    push("333333", "someone@else.net")
    clock.move(599)
    assert await source(run, identifier="A@B.C ")() == "222222"
    assert clock.slept == []


async def test_a_code_that_is_pushed_meanwhile(source: Any, run: RunRecord, push: Any, clock: Any):
    """It is seen the moment it comes, not ten seconds later, and its message is read."""
    clock.at(40, lambda: push("your verification code is 456789"))
    assert await source(run, identifier="a@b.c")() == "456789"
    assert clock.monotonic() == 40


async def test_no_code_is_pushed(source: Any, run: RunRecord, push: Any, clock: Any):
    """Old codes, expired ones and those for other runs do not count; fifteen minutes later it is OTP_TIMEOUT."""
    push("111111")
    clock.move(600.5)
    push("222222", expired_at="2026-11-21T12:00:00")
    push("333333", task_id="tsk_1")
    push("444444", workflow_run_id="wr_1")
    with pytest.raises(NoCodeError) as caught:
        await source(run, identifier="a@b.c")()
    assert caught.value.error_code == "OTP_TIMEOUT"
    assert "POST /v1/credentials/totp" in str(caught.value)


async def test_a_code_is_given_once(source: Any, run: RunRecord, push: Any, clock: Any):
    """Asked a second time, the source waits for another code."""
    push("111111")
    codes = source(run, identifier="a@b.c")
    assert await codes() == "111111"
    clock.at(20, lambda: push("222222", task_id=run.run_id))
    assert await codes() == "222222"


async def test_service_before_pushed_codes(source: Any, run: RunRecord, push: Any):
    """Where both have one, the service's is taken; where the service is broken, the pushed one."""
    push("999999")
    assert await source(run, Service(CODE), identifier="a@b.c")() == "112233"
    assert await source(run, Service(httpx.Response(200, text="x")), identifier="a@b.c")() == "999999"
