"""What the engine needs of the agent and the browser.

Owns: their shapes, so that a test can hand in others. Must not: import Playwright at run
time; the engine only passes a page on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mock_server.agent.events import Event, Task
from mock_server.clock import Clock
from mock_server.store.records import RunRecord

if TYPE_CHECKING:
    from mock_server.browser.spec import ContextSpec, LeaseSpec

Perform = Callable[[Task, Any, Clock], AsyncIterator[Event]]
"""The agent: does a task on a page and tells what it does. An async generator; the last event is ``Finished``."""


class Scripting(Protocol):
    """Does the runs that have a script, without agent and browser."""

    def begin(self, run: RunRecord) -> None:
        """Set out on the script of a run that was just stored."""
        ...

    def canceled(self, run: RunRecord) -> None:
        """Take note that a run was canceled from outside; its row says so already."""
        ...


class Outfit(Protocol):
    """What a run is given beside its request: credentials, a way to one-time codes, files."""

    def equip(self, task: Task, run: RunRecord, directory: Path, tell: Callable[[str], None]) -> Task:
        """Return the task with it. Files are laid into ``directory``; ``tell`` takes sentences for the run's log."""
        ...


class Captured(Protocol):
    """What a browser context left behind; the files lie in the lease's work directory."""

    @property
    def recording(self) -> Path | None: ...
    @property
    def har(self) -> Path | None: ...
    @property
    def trace(self) -> Path | None: ...
    @property
    def console_log(self) -> str: ...
    @property
    def state(self) -> dict[str, Any] | None:
        """Cookies and storage at the end, if they were asked for."""
        ...


class Lease(Protocol):
    """A browser context that belongs to one run."""

    @property
    def page(self) -> Any: ...

    def conceal(self, secret: str) -> None:
        """Keep a value the run uses out of what is captured."""
        ...

    async def lost(self) -> None:
        """Wait until the browser or the page dies, and raise BrowserLost then."""
        ...

    async def finish(self) -> Captured:
        """Close the context and return what it left; called once. Raises BrowserLost if it had died."""
        ...


class Browsers(Protocol):
    """Where browser contexts come from."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def lease(self, spec: LeaseSpec) -> AbstractAsyncContextManager[Lease]: ...

    async def keep(self, name: str, spec: ContextSpec, *, url: str | None, lost: Callable[[], None]) -> None:
        """Open a context that stays open; leases with that name in their spec are in it."""
        ...

    async def state(self, name: str) -> dict[str, Any]:
        """Return the cookies and storage of a kept context."""
        ...

    async def discard(self, name: str) -> None:
        """Close a kept context."""
        ...
