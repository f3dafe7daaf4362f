"""One warm browser, leases of it, and what happens when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError

from mock_server.browser import downloading
from mock_server.browser import driver as driver_module
from mock_server.browser import provider as provider_module
from mock_server.browser.provider import BrowserLost, BrowserProvider, BrowserUnavailable, LeaseSpec
from mock_server.clock import RealClock

pytestmark = pytest.mark.browser

PATIENCE = 20.0


@pytest.fixture
def kill_browser(processes):
    def kill() -> None:
        for pid in processes.browsers(os.getpid()):
            os.kill(pid, signal.SIGKILL)

    return kill


async def lost(lease) -> BrowserLost:
    with pytest.raises(BrowserLost) as caught:
        await asyncio.wait_for(lease.lost(), PATIENCE)
    return caught.value


async def count_launches(provider: BrowserProvider, monkeypatch) -> list[int]:
    launches: list[int] = []
    launch = provider._chromium._launch

    async def counted():
        launches.append(1)
        return await launch()

    monkeypatch.setattr(provider._chromium, "_launch", counted)
    return launches


async def test_concurrent_leases_share_one_start(provider, monkeypatch, site, tmp_path):
    """The first leases come at the same time, before anything is started; one browser serves them all."""
    launches = await count_launches(provider, monkeypatch)

    async def title(number: int) -> str:
        directory = tmp_path / str(number)
        directory.mkdir()
        async with provider.lease(LeaseSpec(directory, record=False)) as lease:
            await lease.page.goto(f"{site}/")
            return await lease.page.title()

    assert await asyncio.gather(*map(title, range(3))) == ["Home"] * 3
    assert len(launches) == 1


async def test_a_lease_is_what_was_asked_for(provider, site, tmp_path):
    """Viewport, user agent and headers are the spec's, and the next lease has none of them."""
    spec = LeaseSpec(tmp_path, {"X-Extra": "extra-value"}, user_agent="Tester/1.0", viewport=(800, 600))
    async with provider.lease(spec) as lease:
        await lease.page.goto(f"{site}/echo")
        echoed = await lease.page.inner_text("pre")
        inner = await lease.page.evaluate("[innerWidth, innerHeight]")
    assert "X-Extra: extra-value" in echoed or "x-extra: extra-value" in echoed
    assert "Tester/1.0" in echoed
    assert inner == [800, 600]
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/echo")
        echoed = await lease.page.inner_text("pre")
        assert await lease.page.evaluate("[innerWidth, innerHeight]") == [1280, 720]
    assert "extra-value" not in echoed
    assert "Tester" not in echoed


async def test_a_context_is_ready_before_it_is_asked_for(provider, monkeypatch, site, tmp_path):
    """After a start, and after each lease, the next lease need not wait for a context to be made."""
    prepared: list[int] = []
    prepare = provider._prepare

    async def counted(*args):
        prepared.append(1)
        return await prepare(*args)

    monkeypatch.setattr(provider, "_prepare", counted)
    await provider.start()
    for expected in (1, 2):
        await provider._spare
        assert len(prepared) == expected
        async with provider.lease(LeaseSpec(tmp_path, record=False)) as lease:
            assert len(prepared) == expected
            await lease.page.goto(f"{site}/")


async def test_leaving_without_finish_leaves_nothing(provider, tmp_path, site):
    """The context is closed and no capture is left behind."""
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        browser = lease.context.browser
    assert lease.context not in browser.contexts
    assert lease.page.is_closed()
    assert list(tmp_path.iterdir()) == []


async def test_a_canceled_run_gives_its_context_back(provider, tmp_path, site):
    """Cancelling the task in the middle of an action closes the context before the cancel is through."""
    entered = asyncio.Event()
    contexts = []

    async def run() -> None:
        async with provider.lease(LeaseSpec(tmp_path)) as lease:
            contexts.append(lease.context)
            entered.set()
            await lease.page.wait_for_selector("#never")

    task = asyncio.create_task(run())
    await asyncio.wait_for(entered.wait(), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert contexts[0] not in contexts[0].browser.contexts


async def test_finish_is_the_same_however_often(provider, tmp_path, site):
    """Asking again gives the same captures, at once and at the same time."""
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        one, two = await asyncio.gather(lease.finish(), lease.finish())
        assert one is two
        assert await lease.finish() is one
    assert await lease.finish() is one


async def test_a_killed_browser_fails_its_leases_and_no_other(provider, tmp_path, site, kill_browser):
    """Every open lease learns of it; what was filmed and logged is saved; the next lease has a new browser."""
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    async with provider.lease(LeaseSpec(first)) as one, provider.lease(LeaseSpec(second)) as two:
        await one.page.goto(f"{site}/noisy")
        await two.page.goto(f"{site}/")
        kill_browser()
        assert "The browser ended" in str(await lost(one))
        assert "The browser ended" in str(await lost(two))
        with pytest.raises(BrowserLost) as caught:
            await one.finish()
        assert caught.value.captured.recording.exists()
        assert "careful" in caught.value.captured.console_log
        assert caught.value.captured.har is None
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        assert await lease.page.title() == "Home"
        await lease.finish()


async def test_the_browsers_death_is_named_instead_of_its_consequence(provider, tmp_path, kill_browser):
    """Work that fails because the browser died leaves the block as BrowserLost, with the cause behind it."""

    async def work() -> None:
        async with provider.lease(LeaseSpec(tmp_path)) as lease:
            waiting = asyncio.ensure_future(lease.page.wait_for_selector("#never"))
            await asyncio.sleep(0)
            kill_browser()
            await waiting

    with pytest.raises(BrowserLost) as caught:
        await work()
    assert isinstance(caught.value.__cause__, PlaywrightError)


async def test_other_errors_stay_what_they_are(provider, tmp_path):
    """An element that is not found is not a lost browser."""
    with pytest.raises(PlaywrightError, match="Timeout"):
        async with provider.lease(LeaseSpec(tmp_path)) as lease:
            await lease.page.wait_for_selector("#never", timeout=50)


async def test_a_crashed_page_fails_its_lease_only(provider, tmp_path, site):
    """Its lease is lost and says so, its console log is kept; the other lease works on."""
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    async with provider.lease(LeaseSpec(first)) as one, provider.lease(LeaseSpec(second)) as two:
        await one.page.goto(f"{site}/noisy")
        await two.page.goto(f"{site}/")
        session = await one.context.new_cdp_session(one.page)
        crash = asyncio.ensure_future(session.send("Page.crash"))
        assert "The page crashed" in str(await lost(one))
        crash.cancel()
        with pytest.raises(BrowserLost, match="The page crashed") as caught:
            await asyncio.wait_for(one.finish(), PATIENCE)
        assert "careful" in caught.value.captured.console_log
        assert caught.value.captured.har.exists()
        assert await two.page.title() == "Home"
        await two.finish()


async def test_a_dead_driver_is_replaced(provider, tmp_path, site, processes):
    """When Playwright's own process is killed its browser goes with it and its lease is lost; the next has new ones."""

    # Other tests of this process may keep a driver and a browser of their own.
    others = {*processes.drivers(os.getpid()), *processes.browsers(os.getpid())}

    async def work() -> None:
        async with provider.lease(LeaseSpec(tmp_path)) as lease:
            await lease.page.goto(f"{site}/")
            (driver,) = [pid for pid in processes.drivers(os.getpid()) if pid not in others]
            browsers = [pid for pid in processes.browsers(os.getpid()) if pid not in others]
            os.kill(driver, signal.SIGKILL)
            assert processes.left(browsers) == []
            await lease.page.title()

    with pytest.raises(BrowserLost, match="The browser ended"):
        await work()
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        assert await lease.page.title() == "Home"


@pytest.mark.parametrize("told", [True, False], ids=["told", "found out"])
async def test_finishing_after_the_driver_died(provider, processes, monkeypatch, tmp_path, told):
    """The lease is lost and its film saved, whether Playwright lets the death be seen or it shows in a failing call."""
    if not told:
        watch = driver_module._watch
        monkeypatch.setattr(driver_module, "_watch", lambda manager, gone: watch(manager, lambda: None))
    others = set(processes.drivers(os.getpid()))
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.set_content("<h1>Hello</h1>")
        # A film needs a frame: the driver is killed when there is one, however quick the machine.
        await asyncio.wait_for(lease._capture._film._seen.wait(), PATIENCE)
        (driver,) = [pid for pid in processes.drivers(os.getpid()) if pid not in others]
        os.kill(driver, signal.SIGKILL)
        assert processes.left([driver]) == []
        if told:
            await lost(lease)
        with pytest.raises(BrowserLost) as caught:
            await asyncio.wait_for(lease.finish(), PATIENCE)
    assert caught.value.captured.recording.exists()


async def test_closing_ends_every_process_and_every_lease(browser_path, tmp_path, site, processes):
    """Close does not wait for open leases: they are lost; no browser or driver process is left."""
    provider = BrowserProvider(browser_path, clock=RealClock())
    before = set(processes.below(os.getpid()))
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        started = [pid for pid in processes.below(os.getpid()) if pid not in before]
        assert processes.browsers(os.getpid())
        assert processes.renderers(os.getpid())
        await asyncio.wait_for(provider.close(), PATIENCE)
        assert "The server is stopping" in str(await lost(lease))
    assert processes.left(started) == []
    await provider.close()
    with pytest.raises(BrowserUnavailable, match="The server is stopping"):
        async with provider.lease(LeaseSpec(tmp_path)):
            pass


async def test_a_killed_browser_leaves_no_process_after_close(browser_path, tmp_path, processes, kill_browser):
    """Helpers of a browser that died do not outlive it, nor does the driver outlive close."""
    provider = BrowserProvider(browser_path, clock=RealClock())
    before = set(processes.below(os.getpid()))
    async with provider.lease(LeaseSpec(tmp_path)) as lease:
        started = [pid for pid in processes.below(os.getpid()) if pid not in before]
        kill_browser()
        await lost(lease)
    await provider.close()
    assert processes.left(started) == []


async def test_an_executable_that_is_none(tmp_path):
    """The error says that the browser does not start, and what to run to see why; a later try is not blocked."""
    provider = BrowserProvider(Path("/nonexistent/chromium"), clock=RealClock())
    for _ in range(2):
        with pytest.raises(BrowserUnavailable, match="skyvern-mock doctor"):
            await provider.start()
    await provider.close()


async def test_no_browser_on_this_machine(monkeypatch, tmp_path):
    """Without an executable the one discovery finds is used; when there is none its advice is the error."""
    monkeypatch.setenv("SKYVERN_MOCK_BROWSER", "/nonexistent/chromium")
    provider = provider_module.BrowserProvider(clock=RealClock())
    with pytest.raises(BrowserUnavailable, match="SKYVERN_MOCK_BROWSER is set to /nonexistent/chromium"):
        async with provider.lease(LeaseSpec(tmp_path)):
            pass
    await provider.close()


async def test_a_browser_that_hangs_is_ended(provider, tmp_path, site, processes, monkeypatch):
    """A browser that lives but does not answer fails its lease within seconds; the next lease has another."""
    monkeypatch.setattr(provider_module, "BEAT_SECONDS", 0.3)
    monkeypatch.setattr(provider_module, "ANSWER_SECONDS", 1.0)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with provider.lease(LeaseSpec(first, record=False)) as lease:
        for pid in processes.browsers(os.getpid()):
            os.kill(pid, signal.SIGSTOP)
        assert "stopped answering" in str(await lost(lease))
    async with provider.lease(LeaseSpec(second, record=False)) as lease:
        await lease.page.goto(f"{site}/")
        assert await lease.page.title() == "Home"


async def test_a_download_without_end_is_cancelled(provider, tmp_path, monkeypatch):
    """It is cancelled while it grows, so that it fills no disk; the page lives on."""
    monkeypatch.setattr(downloading, "MAX_FILE_BYTES", 1 << 20)

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n")
            while True:
                writer.write(bytes(1 << 16))
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(pour, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with provider.lease(LeaseSpec(tmp_path, record=False)) as lease:
            async with lease.page.expect_download() as begun:
                await lease.page.evaluate(f"location.href = 'http://127.0.0.1:{port}/endless'")
            download = await begun.value
            assert await asyncio.wait_for(download.failure(), PATIENCE) == "canceled"
            assert await lease.page.evaluate("1 + 1") == 2


async def test_a_console_flood_stays_in_its_page(provider, tmp_path, site):
    """Of lines without end the first come through, with the place they come from, and a word about the rest."""
    async with provider.lease(LeaseSpec(tmp_path, record=False)) as lease:
        await lease.page.goto(f"{site}/")
        await lease.page.evaluate("() => { for (let i = 0; i < 100_000; i++) console.log('line ' + i); }")
        captured = await lease.finish()
    lines = captured.console_log.splitlines()
    assert "line 0" in lines[0]
    assert 300 <= len(lines) < 1000
    assert any("is left out" in line for line in lines)
