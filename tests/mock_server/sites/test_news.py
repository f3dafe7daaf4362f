"""The news site as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[dict]:
    """Read the posts off a listing, the way a person does: title row, then the row below it."""
    return page.evaluate(
        """() => [...document.querySelectorAll("table tr")].flatMap((row) => {
            const rank = row.cells[0]?.innerText.match(/^(\\d+)\\.$/);
            if (!rank) return [];
            const [title, host] = row.cells[2].querySelectorAll("a");
            const below = row.nextElementSibling.innerText;
            const [, points, author, age, comments] =
                below.match(/(\\d+) points by (\\S+) (.+? ago) \\| (\\d+)\\scomments/);
            return [{rank: +rank[1], title: title.innerText, url: title.href, site: host ? host.innerText : null,
                     points: +points, author, age, comments: +comments}];
        })"""
    )


@pytest.fixture
def facts(watched: Page, sites: str) -> list[dict]:
    return watched.request.get(f"{sites}/news/data.json").json()["posts"]


def without_addresses(posts: list[dict]) -> list[dict]:
    return [{name: value for name, value in post.items() if name not in ("id", "comments_url")} for post in posts]


def test_three_pages_show_what_the_data_says(watched: Page, sites: str, facts: list[dict]):
    """Front page, More, More: 90 posts in the order and with the facts of data.json, and then no More."""
    watched.goto(f"{sites}/news/")
    seen = shown(watched)
    for _ in range(2):
        watched.get_by_role("link", name="More", exact=True).click()
        watched.wait_for_load_state()
        seen += shown(watched)
    assert seen == without_addresses(facts)
    assert len(seen) == 90
    expect(watched.get_by_role("link", name="More", exact=True)).to_have_count(0)


def test_titles_are_all_different(facts: list[dict]):
    """No two posts share a title, an address or a number."""
    for name in ("title", "url", "id"):
        assert len({post[name] for post in facts}) == len(facts)


def test_newest_is_sorted_by_age(watched: Page, sites: str, facts: list[dict]):
    """The newest page holds the same posts, youngest first: numbers go down."""
    watched.goto(f"{sites}/news/newest")
    numbers = {post["title"]: post["id"] for post in facts}
    ids = [numbers[post["title"]] for post in shown(watched)]
    assert ids == sorted(numbers.values(), reverse=True)[:30]


def test_thread_is_as_long_as_announced(watched: Page, sites: str, facts: list[dict]):
    """The page behind "47 comments" holds 47 comments, some of them answers, each younger than the post."""
    watched.goto(f"{sites}/news/")
    top = facts[0]
    watched.get_by_role("link", name=f"{top['comments']} comments").first.click()
    expect(watched).to_have_url(top["comments_url"])
    comments = watched.get_by_role("region", name="Comments").get_by_role("listitem")
    expect(comments).to_have_count(top["comments"])
    assert watched.locator(".thread .thread .comment").count() > 0
    texts = watched.locator(".comment > p").all_inner_texts()
    assert len(set(texts)) == len(texts)


def test_every_thread_is_as_long_as_announced(watched: Page, sites: str, facts: list[dict]):
    """For all 90 posts the discussion has exactly the number of comments the list shows."""
    counts = [watched.request.get(post["comments_url"]).text().count('<li class="comment"') for post in facts]
    assert counts == [post["comments"] for post in facts]


def test_title_leads_to_the_story_and_its_discussion(watched: Page, sites: str, facts: list[dict]):
    """A title opens the saved article under the post's own title, and that leads on to the discussion."""
    watched.goto(f"{sites}/news/")
    watched.get_by_role("link", name=facts[0]["title"]).click()
    expect(watched).to_have_url(facts[0]["url"])
    expect(watched.get_by_role("heading", level=1)).to_have_text(facts[0]["title"])
    assert facts[0]["title"] in watched.title()
    watched.get_by_role("link", name="Join the discussion").click()
    expect(watched).to_have_url(facts[0]["comments_url"])


def test_user_page_lists_the_users_posts(watched: Page, sites: str, facts: list[dict]):
    """The author's name leads to a profile with all posts of that author and of nobody else."""
    author = facts[1]["author"]
    watched.goto(f"{sites}/news/")
    watched.get_by_role("link", name=author, exact=True).first.click()
    expect(watched.get_by_role("heading", level=1)).to_have_text(author)
    titles = watched.locator("main li > div:first-child > a").all_inner_texts()
    assert sorted(titles) == sorted(post["title"] for post in facts if post["author"] == author)


def test_search_by_keyboard(watched: Page, sites: str, facts: list[dict]):
    """Words typed into the search and Enter list the posts that hold them all, in any letter case."""
    watched.goto(f"{sites}/news/")
    watched.get_by_role("searchbox", name="Search titles").fill("KEYBOARD hand")
    watched.keyboard.press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_have_text("Search: KEYBOARD hand")
    found = [post["title"] for post in shown(watched)]
    assert found == [post["title"] for post in facts if {"keyboard", "hand"} <= set(post["title"].lower().split())]
    assert len(found) == 1


def test_search_without_a_hit_says_so(watched: Page, sites: str):
    """A search that finds nothing says so, and shows what was typed as text, never as markup."""
    watched.goto(f"{sites}/news/")
    watched.get_by_role("searchbox").fill("<img src=x onerror=alert(1)>")
    watched.get_by_role("button", name="Search").click()
    expect(watched.get_by_text("No posts found.")).to_be_visible()
    expect(watched.get_by_role("heading", level=1)).to_contain_text("<img src=x")


def test_ask_show_and_site_pages_narrow_down(watched: Page, sites: str, facts: list[dict]):
    """Ask holds the questions, show the projects, and a site's name the posts from that site."""
    expected = {
        "ask": [post["title"] for post in facts if post["site"] is None],
        "show": [post["title"] for post in facts if post["title"].startswith("Show DW:")],
        f"from/{facts[2]['site']}": [post["title"] for post in facts if post["site"] == facts[2]["site"]],
    }
    for path, titles in expected.items():
        watched.goto(f"{sites}/news/{path}")
        assert [post["title"] for post in shown(watched)] == titles
