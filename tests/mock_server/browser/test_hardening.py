"""Places the browser cannot be sent to."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.provider import LeaseSpec

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("url", ["file:///etc/hostname", "view-source:file:///etc/hostname"])
async def test_the_file_system_is_out_of_reach(warm, site, tmp_path, url):
    """A file: address is refused before anything is read, on the first page and in a new tab."""
    async with warm.lease(LeaseSpec(tmp_path, record=False)) as lease:
        with pytest.raises(PlaywrightError, match="ERR_BLOCKED_BY_CLIENT"):
            await lease.page.goto(url)
    async with warm.lease(LeaseSpec(tmp_path, record=False)) as lease:
        await lease.page.goto(f"{site}/opener")
        async with lease.context.expect_page() as opened:
            await lease.page.click("button")
        popup = await opened.value
        await popup.wait_for_load_state()
        await asyncio.wait_for(lease._workspace.tasks.settled(), 10)  # the guard is put before a new tab beside it
        with pytest.raises(PlaywrightError, match="ERR_BLOCKED_BY_CLIENT"):
            await popup.goto(url)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "0xA9FEA9FE",
        "2852039166",
        "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "metadata.google.internal",
        "metadata.google.internal.",
    ],
)
async def test_metadata_hosts_do_not_exist(warm, tmp_path, host):
    """However its address is spelled, no request goes to where a cloud hands out credentials."""
    async with warm.lease(LeaseSpec(tmp_path, record=False)) as lease:
        with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
            await lease.page.goto(f"http://{host}/latest/meta-data/")


async def test_what_playwright_turns_off_stays_off(warm, tmp_path):
    """Our list of features takes the place of Playwright's, and has all of it."""
    async with warm.lease(LeaseSpec(tmp_path, record=False)) as lease:
        assert lease.context.browser is not None
        session = await lease.context.browser.new_browser_cdp_session()
        line = (await session.send("SystemInfo.getInfo"))["commandLine"]
        await session.detach()
    theirs, ours = (set(names.split(",")) for names in re.findall(r"--disable-features=(\S+)", line))
    assert theirs < ours
    assert any(name.startswith("WebUI") for name in ours - theirs)


async def test_pages_load_as_ever_after_a_refusal(warm, site, tmp_path):
    """The guard stops what it is for and nothing else: the same tab goes on to an ordinary page."""
    async with warm.lease(LeaseSpec(tmp_path, record=False)) as lease:
        with pytest.raises(PlaywrightError):
            await lease.page.goto("file:///etc/hostname")
        await lease.page.wait_for_url("chrome-error://**")
        await lease.page.goto(f"{site}/noisy")
        assert await lease.page.title() == "Noisy"
