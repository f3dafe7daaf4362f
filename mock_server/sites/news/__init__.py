"""The news site: a link aggregator in the classic two-row table style.

Owns: its pages and ``data.json``. Facts live in ``posts``, discussions in ``threads``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.news.posts import POSTS, Post
from mock_server.sites.news.threads import thread
from mock_server.sites.site import Site, base_path, page_number

PER_PAGE: Final = 30

_BY_ID: Final = {post.id: post for post in POSTS}
_BY_AGE: Final = tuple(sorted(POSTS, key=lambda post: post.age))


def age_text(minutes: int) -> str:
    """Return an age the way such sites put it: ``45 minutes ago``, ``3 hours ago``, ``2 days ago``."""
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


_AUTHORS: Final = frozenset(post.author for post in POSTS)

_site = Site("news", shared={"authors": _AUTHORS}, filters={"age": age_text})


def create_app() -> ASGIApp:
    """Return the site; it keeps no state."""
    return _site.app(
        [
            Route("/", _front),
            Route("/newest", _newest),
            Route("/ask", _ask),
            Route("/show", _show),
            Route("/from/{host}", _from_host),
            Route("/search", _search),
            Route("/item/{number:int}", _item),
            Route("/story/{number:int}", _story),
            Route("/user/{name}", _user),
            Route("/vote/{number:int}", _vote),
            Route("/guidelines", _guidelines),
            Route("/data.json", _data),
        ]
    )


async def _front(request: Request) -> Response:
    return _listing(request, POSTS, "")


async def _newest(request: Request) -> Response:
    return _listing(request, _BY_AGE, "Newest links")


async def _ask(request: Request) -> Response:
    return _listing(request, [post for post in POSTS if not post.host], "Ask")


async def _show(request: Request) -> Response:
    return _listing(request, [post for post in POSTS if post.title.startswith("Show DW:")], "Show")


async def _from_host(request: Request) -> Response:
    host = request.path_params["host"]
    posts = [post for post in POSTS if post.host == host]
    if not posts:
        raise HTTPException(404)
    return _listing(request, posts, f"Submissions from {host}")


async def _search(request: Request) -> Response:
    query = " ".join(request.query_params.get("q", "")[:100].split())
    words = query.casefold().split()
    posts = [post for post in POSTS if all(word in post.title.casefold() for word in words)] if words else []
    return _listing(request, posts, f"Search: {query}" if query else "Search", query=query)


def _listing(request: Request, posts: Sequence[Post], heading: str, query: str | None = None) -> Response:
    page = page_number(request)
    start = (page - 1) * PER_PAGE
    if start and start >= len(posts):
        raise HTTPException(404)
    next_page = {"q": query, "page": page + 1} if query else {"page": page + 1}
    more = f"?{urlencode(next_page)}" if start + PER_PAGE < len(posts) else None
    return _site.page(
        request,
        "list.html",
        heading=heading,
        page=page,
        query=query,
        ranked=list(enumerate(posts[start : start + PER_PAGE], start + 1)),
        more=more,
    )


async def _item(request: Request) -> Response:
    post = _post(request)
    return _site.page(request, "item.html", post=post, comments=thread(post))


async def _story(request: Request) -> Response:
    post = _post(request)
    if not post.host:
        raise HTTPException(404)
    others = [other for other in POSTS if other.host == post.host and other is not post]
    return _site.page(request, "story.html", post=post, others=others[:4])


async def _user(request: Request) -> Response:
    name = request.path_params["name"]
    posts = [post for post in _BY_AGE if post.author == name]
    if not posts:
        raise HTTPException(404)
    karma = sum(post.points for post in posts) + 37 * len(name)
    return _site.page(
        request, "user.html", name=name, posts=posts, karma=karma, joined=f"{2009 + len(name)}-0{len(posts) % 9 + 1}-14"
    )


async def _vote(request: Request) -> Response:
    return _site.page(request, "vote.html", post=_post(request))


async def _guidelines(request: Request) -> Response:
    return _site.page(request, "guidelines.html")


async def _data(request: Request) -> Response:
    """The posts in front-page order."""
    return JSONResponse(
        {"per_page": PER_PAGE, "posts": [_facts(request, rank, post) for rank, post in enumerate(POSTS, 1)]}
    )


def _facts(request: Request, rank: int, post: Post) -> dict[str, Any]:
    origin = f"{request.url.scheme}://{request.url.netloc}{base_path(request)}"
    return {
        "rank": rank,
        "id": post.id,
        "title": post.title,
        "url": f"{origin}/{'story' if post.host else 'item'}/{post.id}",
        "site": post.host or None,
        "points": post.points,
        "author": post.author,
        "comments": post.comments,
        "comments_url": f"{origin}/item/{post.id}",
        "age": age_text(post.age),
    }


def _post(request: Request) -> Post:
    post = _BY_ID.get(request.path_params["number"])
    if post is None:
        raise HTTPException(404)
    return post
