"""The server tests talk to: one in a thread of this process, or one that runs elsewhere.

Owns: starting and stopping the thread, who is in the middle of what, and moving a tenant's time from
another thread. Must not: know what a test is.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

import httpx

from mock_server.app import Composition, running
from mock_server.listening import Listener, bind
from mock_server.scenarios.time import TenantClock
from mock_server.settings import Settings
from mock_server.testing import machine_time
from mock_server.testing.transport import BlockingMemoryTransport, Door, MemoryTransport
from mock_server.testing.virtual_time import TIME, Follower

T = TypeVar("T")

MEMORY_URL: Final = "http://skyvern-mock.localhost"
"""Address of a server that listens on no socket; only its transports lead there."""
STARTING_SECONDS: Final = 60.0
_SETTLING_TURNS: Final = 12
_WATCHING_SECONDS: Final = 0.03


class Server(Protocol):
    """What a test needs of a server."""

    base_url: str
    is_local: bool

    def transport(self) -> httpx.BaseTransport | None:
        """Return how a sync client gets there; None: as it gets anywhere."""
        ...

    def async_transport(self) -> httpx.AsyncBaseTransport | None: ...

    def follower(self, api_key: str, control: httpx.Client) -> Follower:
        """Return who moves the time of a key."""
        ...

    def close(self) -> None: ...


class RemoteServer:
    """A server somebody else started, such as ``skyvern-mock serve --self-check`` in another container."""

    is_local = False

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")

    def transport(self) -> httpx.BaseTransport | None:
        return None

    def async_transport(self) -> httpx.AsyncBaseTransport | None:
        return None

    def follower(self, api_key: str, control: httpx.Client) -> Follower:
        del api_key
        return _Distant(control)

    def close(self) -> None:
        """Leave it as it is."""


class _Distant:
    """Moves a tenant's time by asking for it; what requests wait for cannot be known."""

    def __init__(self, control: httpx.Client) -> None:
        self._control = control

    def move(self, seconds: float) -> None:
        self._control.post("/_mock/clock/advance", json={"seconds": seconds}).raise_for_status()

    def held(self) -> float | None:
        return None

    def due(self) -> float | None:
        return None

    def busy(self) -> bool:
        return False


class LocalServer:
    """A server in a thread of this process.

    ``sockets=False`` listens on none; then only :meth:`transport` and :meth:`async_transport` lead to it.
    ``settings`` are fields of :class:`mock_server.settings.Settings`. A task no script is for is completed
    after two polls, without a browser, unless ``progression`` says otherwise; what is wrong in requests
    and answers is taken down. Use it as a context manager, or ``start()`` and ``close()`` it.
    """

    is_local = True

    def __init__(self, *, sockets: bool = True, data_dir: Path | None = None, **settings: Any) -> None:
        self.has_sockets: Final = sockets
        self._data_dir = data_dir
        self._settings = {"progression": "polls=2", "self_check": True, "warm": False, **settings}
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop: Callable[[], None] = lambda: None
        self._under_way: Counter[bytes] = Counter()
        self.base_url = MEMORY_URL

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> Self:
        """Start it and return it.

        Raises:
            PortError: The port in the settings cannot be had.
        """
        self._thread = threading.Thread(target=self._run, name="skyvern-mock", daemon=True)
        self._thread.start()
        if not self._ready.wait(STARTING_SECONDS):
            raise TimeoutError(f"The mock server did not start within {STARTING_SECONDS:g} seconds.")
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def close(self) -> None:
        """Stop it and delete its data."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join(STARTING_SECONDS)
        self._thread = None

    def transport(self) -> httpx.BaseTransport:
        return BlockingMemoryTransport(self._door)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return MemoryTransport(self._door)

    def follower(self, api_key: str, control: httpx.Client) -> Follower:
        del control
        return _Near(self, api_key.encode())

    # -- for followers ----------------------------------------------------------------------

    def do(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have a coroutine run in the server's event loop, and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    def under_way(self, key: bytes) -> int:
        """Return how many requests of a key are being answered."""
        return self._under_way[key]

    def clock(self, key: bytes) -> TenantClock:
        """Return a tenant's clock; in the server's thread only."""
        return self._composition.services.tenants.with_key(key).clock

    def tenant_clock(self, key: bytes) -> TenantClock:
        """Return a tenant's clock, to be looked at and not touched from elsewhere."""

        async def look() -> TenantClock:
            return self.clock(key)

        return self.do(look)

    # -- inside -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=machine_time.event_loop) as runner:
                runner.run(self._live())
        except BaseException as error:  # noqa: BLE001  # raised by start, in the thread that waits for it
            self._failure = error
        finally:
            self._ready.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            data_dir = self._data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skyvern-mock-")))
            if not self.has_sockets:
                settings = Settings(data_dir=data_dir, public_url=MEMORY_URL, **self._settings)
                await self._open(settings, stack)
                stopping = asyncio.Event()
                self._stop = stopping.set
                self._ready.set()
                await stopping.wait()
                return
            host = self._settings.pop("host", "127.0.0.1")
            socket = stack.enter_context(bind(host, self._settings.pop("port", 0)))
            settings = Settings(data_dir=data_dir, host=host, port=socket.getsockname()[1], **self._settings)
            app = await self._open(settings, stack)
            self.base_url = settings.base_url
            listener = Listener(app, self._ready.set)
            self._stop = listener.stop
            await listener.listen(socket)

    async def _open(self, settings: Settings, stack: AsyncExitStack) -> Any:
        self._composition = Composition(settings, clock=machine_time.MachineClock())
        app = self._counting(await stack.enter_async_context(running(self._composition)))
        self._door = Door(app, self._loop)
        return app

    def _counting(self, app: Any) -> Callable[..., Awaitable[None]]:
        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/_mock"):
                await app(scope, receive, send)
                return
            key = next((value for name, value in scope["headers"] if name == b"x-api-key"), b"")
            self._under_way[key] += 1
            watching = asyncio.create_task(self._watch(key)) if TIME.is_unattended else None
            try:
                await app(scope, receive, send)
            finally:
                self._under_way[key] -= 1
                if watching is not None:
                    watching.cancel()

        return counted

    async def _watch(self, key: bytes) -> None:
        """Let time pass for a client that waits on a socket in a thread, so that a minute of latency takes none."""
        while True:
            await asyncio.sleep(_WATCHING_SECONDS)
            clock = self.clock(key)
            due = None if clock.is_busy else clock.next_due()
            if due is not None and TIME.is_unattended:
                await asyncio.to_thread(TIME.pass_over, due)


class _Near:
    """Moves the time of a tenant of a server in this process."""

    def __init__(self, server: LocalServer, key: bytes) -> None:
        self._server = server
        self._key = key
        self._clock: TenantClock | None = None

    def move(self, seconds: float) -> None:
        async def advance() -> None:
            await self._server.clock(self._key).advance(seconds)

        self._server.do(advance)

    def held(self) -> float | None:
        async def look() -> float | None:
            await _settle()
            clock = self._server.clock(self._key)
            waits = self._server.under_way(self._key) and not clock.is_busy
            return clock.next_due() if waits else None

        return self._server.do(look)

    def due(self) -> float | None:
        async def look() -> float | None:
            clock = self._server.clock(self._key)
            return None if clock.is_busy else clock.next_due()

        return self._server.do(look)

    def busy(self) -> bool:
        # Read across threads: it is asked before every step of time, and a number that has just changed does no harm.
        if self._clock is None:
            self._clock = self._server.tenant_clock(self._key)
        return self._clock.is_busy or self._server.under_way(self._key) > 0


async def _settle() -> None:
    for _ in range(_SETTLING_TURNS):
        await asyncio.sleep(0)
