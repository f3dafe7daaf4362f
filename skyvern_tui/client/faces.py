"""From one flow to a blocking method and to an awaitable one.

Owns: the two decorators that make the methods of ``Skyvern`` and ``AsyncSkyvern`` out of
those of a class of calls (``Calls``, ``RunCalls``), with the names, parameters, defaults and docstrings kept. Must not:
know any call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from skyvern_tui.client.effects import Flow

C = TypeVar("C")
P = ParamSpec("P")
T = TypeVar("T")


class Blocking(Protocol[C]):
    """What a blocking face has to offer."""

    calls: C

    def drive(self, flow: Flow[T]) -> T:
        """Carry a flow's effects out and return its result."""
        ...


class Answering(Protocol[C]):
    """What a face has to offer that blocks or is awaited, as the place demands."""

    calls: C

    def answer(self, flow: Flow[T]) -> T:
        """Carry a flow out, or return what carries it out when awaited."""
        ...


class Awaiting(Protocol[C]):
    """What an awaitable face has to offer."""

    calls: C

    async def drive(self, flow: Flow[T]) -> T:
        """Carry a flow's effects out and return its result."""
        ...


def blocking(call: Callable[Concatenate[C, P], Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Make the method of a blocking face that runs ``call`` to its end."""

    def method(self: Blocking[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.drive(_begun(call, self.calls, args, kwargs))

    _dress(method, call)
    return method


def either(call: Callable[Concatenate[C, P], Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Make the method of ``Skyvern``, which runs ``call`` to its end or, where an event loop runs, is awaited."""

    def method(self: Answering[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.answer(_begun(call, self.calls, args, kwargs))

    _dress(method, call)
    return method


def awaiting(call: Callable[Concatenate[C, P], Flow[T]]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Make the method of an awaitable face that runs ``call`` to its end."""

    async def method(self: Awaiting[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.drive(_begun(call, self.calls, args, kwargs))

    _dress(method, call)
    return method


def _begun(call: Callable[..., Flow[T]], calls: Any, args: Any, kwargs: Any) -> Flow[T]:
    """Return the flow of a call, watched over if the client has something to do that."""
    flow = call(calls, *args, **kwargs)
    return flow if calls.tracing is None else calls.tracing(call.__name__, flow)


def _dress(method: Any, call: Callable[..., Any]) -> None:
    """Give ``method`` the name, signature and docstring of ``call``, but the result instead of the flow to it."""
    method.__name__, method.__qualname__, method.__module__ = call.__name__, call.__qualname__, call.__module__
    method.__doc__ = call.__doc__
    signature = inspect.signature(call)
    result = str(signature.return_annotation).removeprefix("Flow[").removesuffix("]")
    method.__signature__ = signature.replace(return_annotation=result)
