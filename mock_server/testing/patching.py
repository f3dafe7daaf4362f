"""A time of our own in the place of the machine's.

Owns: the functions of the module ``time``, and what every event loop of asyncio's own does, while
another time stands in for them; and their coming back. Must not: know how that time passes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol

from mock_server.testing import machine_time
from mock_server.testing.loop_selector import LoopSelector

_NAMES: Final = ("sleep", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
_ORIGINALS: Final = {name: getattr(time, name) for name in _NAMES}
_RUN_FOREVER: Final = asyncio.BaseEventLoop.run_forever
_LOOP_TIME: Final = asyncio.BaseEventLoop.time


class Time(Protocol):
    """What stands in."""

    def monotonic(self) -> float: ...

    def wall(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def select(self, selector: LoopSelector, timeout: float | None) -> Any:
        """Wait in the place of an event loop's selector."""
        ...

    def attending(self) -> AbstractContextManager[None]:
        """Mark that somebody in this process is known to wait."""
        ...


def install(stand_in: Time) -> None:
    """Let it be the time of this process, and of the event loops that begin to run from now on."""
    functions: dict[str, Callable[..., Any]] = {
        "sleep": stand_in.sleep,
        "time": stand_in.wall,
        "time_ns": lambda: int(stand_in.wall() * 1e9),
        "monotonic": stand_in.monotonic,
        "monotonic_ns": lambda: int(stand_in.monotonic() * 1e9),
        "perf_counter": stand_in.monotonic,
        "perf_counter_ns": lambda: int(stand_in.monotonic() * 1e9),
    }
    for name, function in functions.items():
        setattr(time, name, function)

    def run_forever(loop: asyncio.BaseEventLoop) -> None:
        if "time" in vars(loop) or getattr(loop, "_selector", None) is None:  # it keeps the machine's, or cannot follow
            _RUN_FOREVER(loop)
            return
        with loop_entered(loop, stand_in):
            _RUN_FOREVER(loop)

    asyncio.BaseEventLoop.run_forever = run_forever  # type: ignore[method-assign, assignment]  # undone by uninstall
    # Loops that ran before, in other threads, look time.monotonic up: to them it is to stay the machine's.
    asyncio.BaseEventLoop.time = lambda _: machine_time.monotonic()  # type: ignore[method-assign, assignment]  # as above


def uninstall() -> None:
    """Let everything be as it was."""
    for name, function in _ORIGINALS.items():
        setattr(time, name, function)
    asyncio.BaseEventLoop.run_forever = _RUN_FOREVER  # type: ignore[method-assign]  # as it was
    asyncio.BaseEventLoop.time = _LOOP_TIME  # type: ignore[method-assign]  # as above


@contextmanager
def loop_entered(loop: asyncio.AbstractEventLoop | None, stand_in: Time) -> Iterator[None]:
    """Let one event loop live in that time within a block; it may be in it already, or be none.

    Raises:
        RuntimeError: It is no loop of asyncio's own.
    """
    inner = getattr(loop, "_selector", None)
    if loop is None or isinstance(inner, LoopSelector):
        yield
        return
    if inner is None:
        raise RuntimeError(
            f"Virtual time needs an event loop of asyncio's own, and this is {type(loop).__module__}."
            f"{type(loop).__name__}. Run the test without uvloop, or with real time."
        )
    run_in_executor = loop.run_in_executor
    selector = LoopSelector(stand_in.select, loop, inner)
    loop.time = stand_in.monotonic  # type: ignore[method-assign]  # only of this loop; others keep the machine's time
    loop._selector = selector  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public way to wait otherwise
    loop.run_in_executor = selector.executing(run_in_executor)  # type: ignore[method-assign, assignment]  # counted
    try:
        with stand_in.attending():
            yield
    finally:
        loop._selector = inner  # type: ignore[attr-defined]  # noqa: SLF001  # as above
        del loop.run_in_executor, loop.time  # the class's own show again
