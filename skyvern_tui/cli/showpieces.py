"""The tasks of the demo and what a right answer to each is.

Owns: prompts from the documentation, the bundled site each is done on, and the comparison
with what that site itself publishes. Must not: know any answer; sites may change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from skyvern_tui.client import Run, Skyvern

PRODUCTS_SCHEMA: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "price": {"type": "string"},
            "rating": {"type": "number"},
        },
    },
}
_SHOWN_PRODUCTS: Final = 3
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True)
class Showpiece:
    """One task. ``check`` gets the client, the site's address and the run, and says what is wrong, or nothing."""

    site: str
    path: str
    prompt: str
    proof: str
    check: Callable[[Skyvern, str, Run], str]
    schema: dict[str, Any] | None = None


def _feed(client: Skyvern, site: str) -> Any:
    """Return what the site says of itself as data."""
    return json.loads(client.get_file(urljoin(site, "data.json")))


def _leaves(value: Any) -> Iterator[Any]:
    """Yield every value in a JSON value that is neither object nor array."""
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _check_top_post(client: Skyvern, site: str, run: Run) -> str:
    """The answer holds the title of the first post, and that of no other."""
    titles = [post["title"] for post in _feed(client, site)["posts"]]
    found = [leaf for leaf in _leaves(run.output) if leaf in titles]
    return "" if found == titles[:1] else f"the top post is {titles[0]!r}"


def _check_products(client: Skyvern, site: str, run: Run) -> str:
    """The answer is the first three products, as the schema has them."""
    fields = PRODUCTS_SCHEMA["items"]["properties"]  # type: ignore[index]  # a literal above
    first = [{name: product[name] for name in fields} for product in _feed(client, site)["products"][:_SHOWN_PRODUCTS]]
    return "" if run.output == first else f"the first products are {json.dumps(first, ensure_ascii=False)}"


def _check_message(client: Skyvern, site: str, run: Run) -> str:
    """The site took the message: the network log has the form's POST answered with a redirect to a page that opened.

    The site keeps messages per visitor, so that it cannot be asked from here.
    """
    logs = client.get_run_artifacts(run.run_id, artifact_type="har")
    entries = [entry for log in logs for entry in json.loads(client.get_artifact_content(log))["log"]["entries"]]
    opened = {urlsplit(entry["request"]["url"]).path for entry in entries if entry["response"]["status"] == 200}  # noqa: PLR2004 - HTTP's OK
    for entry in entries:
        request, response = entry["request"], entry["response"]
        if request["method"] == "POST" and request["url"].startswith(site) and response["status"] in _REDIRECTS:
            target = urljoin(request["url"], response["redirectURL"])
            if urlsplit(target).path in opened:
                return ""
    return "the network log shows no form that the site accepted"


SHOWPIECES: Final = (
    Showpiece(
        site="news",
        path="",
        prompt="Get the title of the top post",
        proof="it is the first title in the site's own feed.",
        check=_check_top_post,
    ),
    Showpiece(
        site="shop",
        path="products",
        prompt="Extract the name, price, and rating of the top 3 products",
        proof="it equals the first products of the site's own feed.",
        check=_check_products,
        schema=PRODUCTS_SCHEMA,
    ),
    Showpiece(
        site="contact",
        path="contact",
        prompt="Fill out the contact form",
        proof="the network log shows the form sent and accepted.",
        check=_check_message,
    ),
)
