"""Who may look: keys, cookies, forms from elsewhere, and tenants that must not see one another."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.app import Composition

PROTECTED = pytest.mark.parametrize("mock", [{"require_keys": ("right-key", "second-key")}], indirect=True)
FORM_TOKEN = re.compile(r'name="token" value="([^"]+)"')


async def token_of(client: httpx.AsyncClient) -> str:
    found = FORM_TOKEN.search((await client.get("/runs")).text)
    assert found
    return found[1]


def cookie_of(client: httpx.AsyncClient) -> tuple[str, str]:
    ((name, value),) = client.cookies.items()
    return name, value


async def test_app_url_asks_for_the_key_and_leads_on(visit: Callable[..., Any], make: Any):
    """Whoever opens app_url without having signed in gets the form, and after it the page that was asked for."""
    run = make.run(title="Get the title of the post")
    client = await visit(None)
    answer = await client.get(f"/runs/{run.workflow_run_id}?order=newest")
    assert answer.status_code == 401
    place = f"/runs/{run.workflow_run_id}?order=newest"
    assert f'value="{place}"' in answer.text
    assert "Get the title" not in answer.text
    answer = await client.post("/viewer/sign-in", data={"key": "test-key", "place": place})
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert "Get the title of the post" in (await client.get(answer.headers["location"])).text


async def test_cookie_is_out_of_reach_and_holds_no_key(visitor: httpx.AsyncClient, visit: Callable[..., Any]):
    """The cookie cannot be read by scripts or sent by other sites, ends by itself, and does not contain the key."""
    client = await visit(None)
    answer = await client.post("/viewer/sign-in", data={"key": "very-secret-key", "place": "/runs"})
    cookie = answer.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=strict", "Max-Age=43200", "Path=/"):
        assert attribute in cookie
    assert "very-secret-key" not in str(answer.headers)
    assert "Secure" not in cookie  # http on this machine
    assert "very-secret-key" not in (await client.get("/runs")).text


@pytest.mark.parametrize("mock", [{"public_url": "https://mock.example/skyvern"}], indirect=True)
async def test_cookie_of_an_https_server_is_secure(visit: Callable[..., Any]):
    """Behind a public https address the cookie is Secure and bound to the server's path."""
    client = await visit(None)
    answer = await client.post("/viewer/sign-in", data={"key": "k", "place": "/skyvern/runs"})
    assert "Secure" in answer.headers["set-cookie"]
    assert "Path=/skyvern" in answer.headers["set-cookie"]


async def test_signed_in_for_twelve_hours(visitor: httpx.AsyncClient, clock: Any):
    """A cookie is good for twelve hours and not a second longer."""
    clock.move(12 * 3600 - 1)
    assert (await visitor.get("/runs")).status_code == 200
    clock.move(1)
    assert (await visitor.get("/runs")).status_code == 401


@pytest.mark.parametrize(
    "forge",
    [
        lambda value: value[:-1] + ("A" if value[-1] != "A" else "B"),
        lambda value: value.replace("o_", "o_1", 1),
        lambda value: ".".join([value.split(".")[0], "99999999999", value.split(".")[2]]),
        lambda value: value.rpartition(".")[0],
        lambda value: "",
        lambda value: "o_1.9999999999.",
        lambda value: "...",
    ],
)
async def test_forged_cookies(forge: Callable[[str], str], visitor: httpx.AsyncClient):
    """A cookie that was changed in any part is nobody's."""
    name, value = cookie_of(visitor)
    visitor.cookies.clear()
    answer = await visitor.get("/runs", headers={"cookie": f"{name}={forge(value)}"})
    assert answer.status_code == 401


async def test_signatures_of_links_are_no_cookies(visitor: httpx.AsyncClient, services: Any):
    """What is signed for artifact links, with the same secret, opens nothing here."""
    name, value = cookie_of(visitor)
    content = value.rpartition(".")[0]
    visitor.cookies.clear()
    for made in (services.urls._signature(content, ""), services.urls._signature(f"session\n{content}", "")):
        answer = await visitor.get("/runs", headers={"cookie": f"{name}={content}.{made}"})
        assert answer.status_code == 401


@PROTECTED
async def test_required_keys(visit: Callable[..., Any]):
    """Where keys are required, those get in and no other, and the default key is not offered."""
    client = await visit(None)
    page = await client.get("/runs")
    assert "default-key" not in page.text
    answer = await client.post("/viewer/sign-in", data={"key": "wrong", "place": "/runs"})
    assert answer.status_code == 403
    assert "does not let that key in" in answer.text
    assert "set-cookie" not in answer.headers
    for attempt in ({"default": "1"}, {"key": "mock-local-key"}, {"key": ""}, {}):
        answer = await client.post("/viewer/sign-in", data={**attempt, "place": "/runs"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    answer = await client.post("/viewer/sign-in", data={"key": " second-key ", "place": "/runs"})
    assert answer.status_code == 303


async def test_cookie_ends_with_its_key(
    open_mock: Callable[..., Composition], open_client: Any, tmp_path: Any, clock: Any
):
    """A cookie made before the server was told to require other keys is worth nothing afterwards."""
    data_dir = tmp_path / "kept"
    before = open_mock(data_dir=data_dir, clock=clock)
    client = open_client(before.application(), headers={"origin": "http://127.0.0.1:8000"})
    await client.post("/viewer/sign-in", data={"key": "old-key", "place": "/runs"})
    assert (await client.get("/runs")).status_code == 200
    cookies = dict(client.cookies)
    await before.close()
    after = open_mock(data_dir=data_dir, clock=clock, require_keys=("new-key",))
    again = open_client(after.application(), headers={}, cookies=cookies)
    assert (await again.get("/runs")).status_code == 401


@pytest.mark.parametrize(
    ("mock", "offered"),
    [
        ({"host": "127.0.0.1"}, True),
        ({"host": "::1"}, True),
        ({"host": "localhost"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "192.168.1.4"}, False),
    ],
    indirect=["mock"],
)
async def test_default_key_is_offered_on_this_machine_only(*, offered: bool, visit: Callable[..., Any]):
    """One click signs in with the key everybody knows, if nobody else can reach the server."""
    client = await visit(None)
    assert ("default-key" in (await client.get("/runs")).text) is offered
    answer = await client.post("/viewer/sign-in", data={"default": "1", "place": "/runs"})
    assert answer.status_code == (303 if offered else 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
    ],
)
async def test_forms_from_elsewhere(headers: dict[str, str], visitor: httpx.AsyncClient, make: Any):
    """A form another page sent, from another port too, signs nobody in or out and cancels nothing."""
    run = make.run(status="queued")
    token = await token_of(visitor)
    for path, data in (
        ("/viewer/sign-in", {"key": "k", "place": "/runs"}),
        ("/viewer/sign-out", {"token": token}),
        (f"/runs/{run.run_id}/cancel", {"token": token}),
    ):
        answer = await visitor.post(path, data=data, headers=headers)
        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers
    assert run.status == "queued"


async def test_forms_need_their_token(visitor: httpx.AsyncClient, visit: Callable[..., Any], make: Any):
    """Canceling and signing out need the token of this visitor's own page."""
    run = make.run(status="queued")
    foreign = await token_of(await visit("other-key"))
    for token in ("", "x", "é", foreign):
        answer = await visitor.post(f"/runs/{run.run_id}/cancel", data={"token": token})
        assert answer.status_code == 403
    assert run.status == "queued"
    answer = await visitor.post("/viewer/sign-out", data={"token": await token_of(visitor)})
    assert answer.status_code == 303
    assert (await visitor.get("/runs")).status_code == 401


@pytest.mark.parametrize(
    "place",
    [
        "http://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "runs",
        "/a\nb",
        "/\t/evil.example",
    ],
)
async def test_signing_in_leads_nowhere_else(place: str, visit: Callable[..., Any]):
    """After signing in one stays on this server, whatever the form says."""
    client = await visit(None)
    answer = await client.post("/viewer/sign-in", data={"key": "k", "place": place})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")


async def test_api_key_opens_no_page_and_cookie_no_api(
    visitor: httpx.AsyncClient, make: Any, visit: Callable[..., Any]
):
    """The two ways in do not mix: pages want the cookie, the API wants the key."""
    run = make.run()
    assert (await visitor.get(f"/v1/runs/{run.run_id}")).status_code == 403
    stranger = await visit(None)
    assert (await stranger.get("/runs", headers={"x-api-key": "test-key"})).status_code == 401


async def test_another_tenants_things_are_not_there(visit: Callable[..., Any], visitor: httpx.AsyncClient, make: Any):
    """A run, its live parts, its artifacts and its cancel button are 404 for another key, as if they did not exist."""
    run = make.run("other-key", status="queued", title="Their secret run")
    artifact = make.artifact(run, "llm_prompt", b"their secret prompt")
    token = await token_of(visitor)
    paths = [
        f"/runs/{run.run_id}",
        f"/runs/{run.workflow_run_id}",
        f"/tasks/{run.run_id}",
        f"/viewer/live/runs/{run.run_id}",
        f"/viewer/artifacts/{artifact.artifact_id}",
        f"/viewer/artifacts/{artifact.artifact_id}/look",
        f"/viewer/artifacts/{artifact.artifact_id}/content",
    ]
    for path in paths:
        answer = await visitor.get(path)
        assert answer.status_code == 404, path
        assert "secret" not in answer.text
        assert (await (await visit(None)).get(path)).status_code == 401
        assert (await (await visit("other-key")).get(path)).status_code == 200
    assert (await visitor.post(f"/runs/{run.run_id}/cancel", data={"token": token})).status_code == 404
    assert run.status == "queued"
    assert "secret" not in (await visitor.get("/runs")).text
    assert "secret" not in (await visitor.get("/viewer/live/runs")).text


async def test_oversized_forms(visit: Callable[..., Any]):
    """A form larger than any form here is turned down."""
    client = await visit(None)
    answer = await client.post("/viewer/sign-in", data={"key": "k" * 20_000, "place": "/runs"})
    assert answer.status_code == 413
    answer = await client.post(
        "/viewer/sign-in", content="&".join(f"a{n}=1" for n in range(50)),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status_code == 413
