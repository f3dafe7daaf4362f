"""What holds behind the pages: links, headers, sessions, bounds. Plain HTTP, no browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from mock_server.sites import create_sites
from mock_server.sites.site import MAX_FORM_BYTES
from mock_server.sites.visits import Visits

Visitor = Callable[[], httpx.AsyncClient]

MESSAGE = {"name": "Ada", "email": "a@b.example", "subject": "other", "message": "Hello, hello.", "consent": "yes"}

REFERENCES = re.compile(r'(?:href|src|action)="([^"]+)"')


async def log_in(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("portal/login", data={"username": "demo", "password": "demo-1234"})


async def reachable(client: httpx.AsyncClient, start: str) -> dict[str, httpx.Response]:
    """Follow every link, picture, style sheet and script from ``start`` on; return the answers by address."""
    waiting, answers = [start], {}
    while waiting:
        address = waiting.pop()
        if address in answers:
            continue
        answer = answers[address] = await client.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for reference in REFERENCES.findall(answer.text):
            target = urldefrag(urljoin(str(answer.url), unescape(reference))).url
            if not target.startswith(("mailto:", "tel:")):
                waiting.append(target)
    return answers


@pytest.mark.parametrize("site", [name for name, _ in create_sites() if name != "weather"])
async def test_every_link_leads_to_a_page(visitor: Visitor, site: str):
    """Everything the pages refer to exists, belongs to the site, and no page is left unfinished."""
    client = visitor()
    await log_in(client)
    answers = await reachable(client, f"http://127.0.0.1/sites/{site}/")
    posted = ("/cart/add", "/cart/update", "/logout")  # addresses of forms, which are not opened
    assert [str(url) for url, answer in answers.items() if not answer.is_success and not url.endswith(posted)] == []
    assert [url for url in answers if not url.startswith(f"http://127.0.0.1/sites/{site}/")] == []
    assert len(answers) > 6


@pytest.mark.parametrize("prefix", ["", "/a/deep/place"])
async def test_sites_work_under_any_mount(prefix: str):
    """No link leaves the mount, wherever it is, and cookies stay inside too."""
    app = Starlette(routes=[Mount(f"{prefix}/{name}", site) for name, site in create_sites()])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=f"http://127.0.0.1{prefix}/", follow_redirects=True
    ) as client:
        assert (await log_in(client)).url.path == f"{prefix}/portal/dashboard"
        assert {cookie.path for cookie in client.cookies.jar} == {f"{prefix}/portal/"}
        for site in ("portal", "contact"):
            start = f"http://127.0.0.1{prefix}/{site}/"
            assert all(url.startswith(start) for url in await reachable(client, start))


async def test_site_stands_alone_at_the_root():
    """A site served by itself, with nothing in front of it, has working links and cookies as well."""
    portal = dict(create_sites())["portal"]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(portal), base_url="http://127.0.0.1", follow_redirects=True
    ) as client:
        answer = await client.post("/login", data={"username": "demo", "password": "demo-1234", "next": "/invoices"})
        assert answer.url.path == "/invoices"
        assert all(
            answer.is_success
            for url, answer in (await reachable(client, "http://127.0.0.1/")).items()
            if not url.endswith("/logout")
        )


async def test_headers_of_a_careful_site(visitor: Visitor):
    """Pages, files, data and errors all forbid foreign resources, sniffing and framing by others."""
    client = visitor()
    for path in ("news/", "shop/static/style.css", "contact/data.json", "portal/nothing", "shop/cart"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


async def test_session_cookies_are_closed_to_scripts(visitor: Visitor):
    """Session cookies are HttpOnly, SameSite and bound to their site's path."""
    client = visitor()
    answers = [
        await client.post("shop/cart/add", data={"product": "desk-pad"}, follow_redirects=False),
        await client.post("portal/login", data={"username": "demo", "password": "demo-1234"}, follow_redirects=False),
    ]
    for answer, path in zip(answers, ("/sites/shop/", "/sites/portal/"), strict=True):
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert f"path={path}" in cookie


async def test_visitors_do_not_see_one_another(visitor: Visitor):
    """Cart, messages, login and lock of one visitor are nobody else's."""
    ada, bob = visitor(), visitor()
    await ada.post("shop/cart/add", data={"product": "desk-pad", "quantity": "2"})
    sent = await ada.post("contact/contact", data=MESSAGE)
    await log_in(ada)
    for _ in range(5):
        await bob.post("portal/login", data={"username": "demo", "password": "guess"})
    assert (await ada.get("shop/data.json")).json()["cart"] == [{"name": "Wool Felt Desk Pad", "quantity": 2}]
    assert (await bob.get("shop/data.json")).json()["cart"] == []
    assert (await bob.get("contact/data.json")).json()["messages"] == []
    assert (await bob.get(sent.url)).status_code == 404
    assert (await ada.get("portal/dashboard")).url.path == "/sites/portal/dashboard"
    assert (await bob.get("portal/dashboard")).url.path == "/sites/portal/login"
    carla = visitor()
    assert (await log_in(carla)).url.path == "/sites/portal/dashboard"


async def test_same_visit_gives_the_same_numbers():
    """Reference and order numbers depend on what was done only, so that a repeated run looks the same."""

    async def visit() -> tuple[str, str]:
        app = Starlette(routes=[Mount(f"/{name}", site) for name, site in create_sites()])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            first = await client.post("/contact/contact", data=MESSAGE)
            second = await client.post("/contact/contact", data=MESSAGE)
            return first.headers["location"], second.headers["location"]

    assert await visit() == await visit()
    assert len(set(await visit())) == 2


async def test_login_renews_the_session(visitor: Visitor):
    """A token from before the login is worth nothing after it."""
    client = visitor()
    await client.post("portal/login", data={"username": "demo", "password": "guess"})
    before = client.cookies["portal_session"]
    await log_in(client)
    assert client.cookies["portal_session"] != before
    stranger = visitor()
    stranger.cookies.set("portal_session", before, path="/sites/portal/")
    assert (await stranger.get("portal/dashboard")).url.path == "/sites/portal/login"


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/login", "", "/a\r\nx: y", "javascript:x"]
)
async def test_login_leads_nowhere_else(visitor: Visitor, wanted: str):
    """The page to return to after login is one of the portal's own, whatever the address asked for."""
    client = visitor()
    form = {"username": "demo", "password": "demo-1234", "next": wanted}
    answer = await client.post("portal/login", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/sites/portal/dashboard"


async def test_foreign_and_odd_forms_are_refused(visitor: Visitor):
    """A form from another origin, of another kind, too large or with too many fields changes nothing."""
    client = visitor()
    form = {"product": "desk-pad"}
    refused = [
        (403, await client.post("shop/cart/add", data=form, headers={"origin": "http://evil.example"})),
        (415, await client.post("shop/cart/add", json=form)),
        (413, await client.post("shop/cart/add", data=form | {"x": "x" * MAX_FORM_BYTES})),
        (413, await client.post("shop/cart/add", data=form | {f"x{n}": "" for n in range(200)})),
        (404, await client.post("shop/cart/add", data={"product": "no-such-thing"})),
    ]
    for status, answer in refused:
        assert answer.status_code == status
        assert "<h1>" in answer.text
    assert (await client.get("shop/data.json")).json()["cart"] == []
    own = await client.post("shop/cart/add", data=form, headers={"origin": "http://127.0.0.1"})
    assert own.is_success


@pytest.mark.parametrize(
    "path",
    ["news/?page=0", "news/?page=-1", "news/?page=x", "news/?page=1e1", "shop/products?sort=no&category=no&page=",
     "portal/invoices?sort=no", "contact/contact?subject=no", "shop/products?q=" + "x" * 5000],
)  # fmt: skip
async def test_odd_queries_fall_back(visitor: Visitor, path: str):
    """A query that makes no sense shows the ordinary page."""
    client = visitor()
    await log_in(client)
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["news/?page=4", "news/item/1", "news/user/nobody", "news/item/99999999999999999999",
                                  "shop/products?page=3", "shop/orders/NL-1", "portal/invoices/BW-1/pdf"])  # fmt: skip
async def test_what_does_not_exist_is_404(visitor: Visitor, path: str):
    """Pages past the end and unknown numbers are not found."""
    client = visitor()
    await log_in(client)
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("quantity", ["0", "-3", "1e9", "999", "9999999999", "x", ""])
async def test_odd_quantities_stay_within_the_stock(visitor: Visitor, quantity: str):
    """Whatever is sent as a quantity, the cart holds none or a number that can be delivered."""
    client = visitor()
    await client.post("shop/cart/add", data={"product": "floor-lamp", "quantity": quantity})
    cart = (await client.get("shop/data.json")).json()["cart"]
    assert all(1 <= line["quantity"] <= 3 for line in cart)


async def test_long_texts_are_refused(visitor: Visitor):
    """Fields have an upper limit on the server as well, so that memory stays bounded."""
    client = visitor()
    answer = await client.post("contact/contact", data=MESSAGE | {"name": "A" * 101, "message": "x" * 2001})
    assert answer.status_code == 422
    assert "Please use at most 100 characters." in answer.text
    assert "Please use at most 2000 characters." in answer.text


def test_the_visitor_longest_unseen_is_forgotten():
    """No more visitors than the limit are remembered; who was seen lately stays."""
    visits: Visits[list[int]] = Visits("c", list, limit=2)

    def request(token: str = "") -> Request:
        headers = [(b"cookie", f"c={token}".encode())] if token else []
        return Request({"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": headers})

    def arrive(number: int) -> str:
        response = Response()
        visits.keep(request(), response, [number])
        return response.headers["set-cookie"].partition("=")[2].partition(";")[0]

    first, second = arrive(1), arrive(2)
    assert visits.of(request(first)) == [1]
    arrive(3)
    assert len(visits) == 2
    assert visits.of(request(first)) == [1]
    assert visits.of(request(second)) == []
