"""What the browser must not reach, whoever asks it to.

Owns: the command line that keeps Chromium from calling home, the hosts that do not exist
for it, and the guard in front of the file system. Must not: judge task URLs; that is
admission's. These are the last doors, shut even when a page or the agent got that far.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.tasks import Tasks

METADATA_HOSTS: Final = (
    "169.254.*",  # link-local IPv4: AWS, Azure, Google, DigitalOcean, ECS task roles
    "::ffff:a9fe:*",  # the same, mapped into IPv6, as Chromium writes it
    "fd00:ec2::*",  # AWS over IPv6
    "100.100.100.200",  # Alibaba
    "168.63.129.16",  # Azure's host agent
    "192.0.0.192",  # Oracle
    "metadata.google.internal",
    "metadata.google.internal.",
    "metadata.goog",
    "metadata.goog.",
)
"""Where cloud machines hand out credentials, as patterns of Chromium's host resolver.

Chromium normalises an address before it looks here, so its octal, hexadecimal and
one-number spellings are the same host. A public name whose DNS record points to such an
address is not seen.
"""

_NOWHERE: Final = "http://127.0.0.1:9/"
"""Port 9 is one Chromium refuses to open: asking for it costs nothing and reaches nobody."""

SCRIPT_MEGABYTES: Final = 1024
"""What the scripts of one page may keep in memory; the page crashes beyond."""

UNWANTED_ARGS: Final = ("--disable-popup-blocking",)
"""What Playwright adds for tests of one's own pages: without it, tabs open for clicks only, as for people."""

CONSOLE_AT_ONCE: Final = 300
CONSOLE_PER_SECOND: Final = 50

QUIET_CONSOLE: Final = f"""(() => {{
  const now = performance.now.bind(performance), drop = () => {{}};
  let left = {CONSOLE_AT_ONCE}, at = now(), told = false;
  const warn = console.warn;
  const spend = () => {{
    const time = now();
    left = Math.min({CONSOLE_AT_ONCE}, left + (time - at) * {CONSOLE_PER_SECOND / 1000});
    at = time;
    if (left >= 1) {{ left -= 1; return true; }}
    if (!told) {{ told = true; warn("The page wrote too much to its console; what is beyond the bound is left out."); }}
    return false;
  }};
  for (const name of ["log", "debug", "info", "warn", "error", "trace", "dir", "dirxml", "table", "assert", "count",
                      "group", "groupCollapsed", "timeLog", "timeEnd", "countReset", "groupEnd", "clear"]) {{
    let method = console[name];
    if (typeof method !== "function") continue;
    Object.defineProperty(console, name, {{
      configurable: true, enumerable: true,
      get: () => spend() ? method : drop,
      set: value => {{ method = value; }},
    }});
  }}
}})();"""
"""Run in every document before its own scripts.

Each line of a console costs Playwright's driver far more than the page, so that one page
which logs in a loop would stop every run. The property hands out the browser's own method,
so that the place a line comes from stays right.
"""

_OWN_SURFACE: Final = ("WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup")
"""Pages the browser makes for its own address bar, in a process per window: half the cost of a new context, unseen."""

_OFF_IN_PLAYWRIGHT: Final = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
"""Playwright's list, said again: of two such arguments Chromium obeys the last. A test holds it to Playwright's."""

LAUNCH_ARGS: Final = (
    "--disable-features=" + ",".join((*_OWN_SURFACE, *_OFF_IN_PLAYWRIGHT)),
    # Playwright itself turns off sync, background networking, first-run pages and the
    # like. What still called home is the account list and the component updater.
    f"--gaia-url={_NOWHERE}",
    f"--component-updater=disable-pings,url-source={_NOWHERE}",
    "--disable-domain-reliability",
    "--disable-quic",
    "--no-pings",
    # A script that takes all the memory there is ends its own page, not the machine.
    f"--js-flags=--max-old-space-size={SCRIPT_MEGABYTES}",
    # Mapping names away costs no request anything; a route would cost a round trip each.
    "--host-resolver-rules=" + " , ".join(f"MAP {host} ~NOTFOUND" for host in METADATA_HOSTS),
)


async def forbid_files(context: BrowserContext, page: Page, tasks: Tasks) -> CDPSession:
    """Make every ``file:`` navigation of ``page`` fail with ``ERR_BLOCKED_BY_CLIENT``.

    Chromium lets no page go there by itself, but it obeys ``page.goto``. A paused-request
    pattern of DevTools matches nothing else, so that other requests do not wait for us, as
    they would with a Playwright route (1 ms each).
    """
    session = await context.new_cdp_session(page)

    async def refuse(request_id: str) -> None:
        with suppress(PlaywrightError):  # The page may be gone, and the request with it.
            await session.send("Fetch.failRequest", {"requestId": request_id, "errorReason": "BlockedByClient"})

    def on_paused(event: dict[str, Any]) -> None:
        tasks.start(refuse(event["requestId"]))

    session.on("Fetch.requestPaused", on_paused)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": "file://*"}]})
    return session
