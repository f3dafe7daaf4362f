"""Where a run gets its one-time code: computed, asked for, or pushed.

Owns: the order of the ways, how long is waited, and what a run that got none is marked
with. Must not: type it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from mock_server.agent.events import NoCodeError
from mock_server.clock import Clock
from mock_server.store.records import RunRecord
from mock_server.vault.codes import PushedCodes
from mock_server.vault.computed import computed_code
from mock_server.vault.endpoint import CodeEndpoint, EndpointError

POLL_SECONDS: Final = 10.0
LIMIT_SECONDS: Final = 15 * 60.0

Tell = Callable[[str], None]
"""Takes a sentence for the run's log."""


class CodeSource:
    """Gives one run its codes, each only once.

    A secret goes before everything else: its code is there at once. Otherwise the run's
    service is asked and pushed codes are looked for, every ten seconds of ``clock`` and
    whenever one is pushed.
    """

    def __init__(
        self,
        run: RunRecord,
        clock: Clock,
        pushed: PushedCodes,
        tell: Tell,
        *,
        secret: str | None = None,
        endpoint: CodeEndpoint | None = None,
        identifier: str | None = None,
    ) -> None:
        self._run = run
        self._clock = clock
        self._pushed = pushed
        self._tell = tell
        self._secret = secret
        self._endpoint = endpoint
        self._identifier = identifier
        self._used: set[str] = set()

    @property
    def has_any(self) -> bool:
        """Whether there is any way to get a code."""
        return bool(self._secret or self._endpoint or self._identifier)

    async def __call__(self) -> str:
        """Return the code, once there is one.

        Raises:
            NoCodeError: OTP_TIMEOUT, none came in time; OTP_ERROR, the way to it is broken.
        """
        code = await (computed_code(self._secret, self._clock, used=self._used) if self._secret else self._wait())
        self._used.add(code)
        return code

    async def _wait(self) -> str:
        deadline = self._clock.monotonic() + LIMIT_SECONDS
        trouble = told = ""
        self._tell(f"Waiting for a one-time code from {self._ways()}.")
        while True:
            pushing = asyncio.ensure_future(self._pushed.next_push(self._run.organization_id))
            await asyncio.sleep(0)  # it listens before the look, so that no push falls between the two
            try:
                code, trouble = await self._look(trouble)
                if code:
                    return code
                if trouble and trouble != told:
                    self._tell(trouble)
                    told = trouble
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    raise self._gave_up(trouble)
                await self._pause(min(POLL_SECONDS, left), pushing)
            finally:
                await _stop(pushing)

    async def _look(self, trouble: str) -> tuple[str, str]:
        """Return a code, if there is one, and what is wrong with the service, if anything is."""
        if self._endpoint is not None:
            try:
                code, trouble = await self._endpoint.ask(), ""
            except EndpointError as error:
                code, trouble = "", str(error)
            if code and code not in self._used:
                return code, ""
        if self._identifier is not None:
            return self._pushed.code_for(self._run, self._identifier, used=self._used), trouble
        return "", trouble

    async def _pause(self, seconds: float, pushing: asyncio.Future[None]) -> None:
        """Wait for that long, or until a code is pushed if one could be for this run."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            waits = {sleeping, pushing} if self._identifier is not None else {sleeping}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _stop(sleeping)

    def _gave_up(self, trouble: str) -> NoCodeError:
        minutes = f"{LIMIT_SECONDS / 60:.0f} minutes"
        if trouble and self._identifier is None:
            return NoCodeError("OTP_ERROR", f"No one-time code could be had for {minutes}. {trouble}")
        reason = (
            f"No one-time code came from {self._ways()} within {minutes}. Push it with POST /v1/credentials/totp "
            "while the run waits, or answer totp_url with a verification_code."
        )
        return NoCodeError("OTP_TIMEOUT", f"{reason} {trouble}".strip())

    def _ways(self) -> str:
        ways = ["totp_url"] if self._endpoint is not None else []
        if self._identifier is not None:
            ways.append(f"codes pushed for {self._identifier!r}")
        return " and ".join(ways)


async def _stop(task: asyncio.Future[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
