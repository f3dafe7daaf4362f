"""Every error the client raises.

::

    SkyvernError                        message, hint, run_id
    ├── ApiError                        the server refused: status_code, headers, body, request_id, method, url
    │   ├── BadRequestError             400  a rule of the server (a bad url, a finished run, ...)
    │   ├── ForbiddenError              403  not allowed
    │   │   └── AuthenticationError     401, and the 403 that means: this key, or no key
    │   ├── NotFoundError               404  no such run, artifact or path
    │   ├── ConflictError               409
    │   ├── UnprocessableEntityError    422  a field is missing or wrong; ``problems`` names it
    │   ├── RateLimitError              429  ``retry_after`` in seconds, if the server said
    │   └── ServerError                 5xx
    ├── TransportError                  no answer: method, url
    │   ├── ConnectError                nothing was sent: refused, DNS, TLS, no free connection
    │   ├── RequestTimeoutError         sent, and not answered in time
    │   └── ConnectionLostError         sent, and the connection broke
    ├── ResponseParseError              an answer with a good status that cannot be read: status_code, body
    ├── DownloadError                   bytes that are not what the server's record says: path, artifact_id
    ├── WebhookError                    a delivery that must not be believed
    │   ├── WebhookSignatureError       not signed, or not with this key, or changed on the way
    │   ├── WebhookTimestampError       too old, too new, or without a time: ``age`` in seconds
    │   └── WebhookBodyError            genuine, but not a run
    └── RunTimeoutError                 the *wait* ran out, the run goes on: run, attempts, elapsed, timeout
                                        (also a builtin ``TimeoutError``)

Owns: the classes. How they come about is in ``faults.py``. An API key never gets into a
message, an attribute or a repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run


def _revive(cls: type[SkyvernError], message: str, state: dict[str, Any]) -> SkyvernError:
    """Rebuild a pickled error without calling its constructor, whose arguments are keywords."""
    error = cls.__new__(cls, message)
    error.__dict__.update(state)
    return error


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return what a server or the proxy before it calls the request."""
    names = ("x-request-id", "request-id", "x-amzn-requestid", "cf-ray")
    return next((headers[name] for name in names if name in headers), None)


class SkyvernError(Exception):
    """Base of all. ``message`` says what happened, ``hint`` what to do about it, ``run_id`` which run it was about."""

    def __init__(self, message: str, *, hint: str = "", run_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.run_id = run_id

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.message, self.__dict__)


class ApiError(SkyvernError):
    """The server answered with a status that is not 2xx. ``body`` is the parsed JSON, or the text."""

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        method: str = "",
        url: str = "",
        run_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint, run_id=run_id)
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.body = body
        self.method = method
        self.url = url

    @property
    def request_id(self) -> str | None:
        """The server's (or its proxy's) name for the request, if it gave one; quote it to support."""
        return request_id_of(self.headers)


class BadRequestError(ApiError):
    """400."""


class ForbiddenError(ApiError):
    """403."""


class AuthenticationError(ForbiddenError):
    """401, or a 403 about the key itself."""


class NotFoundError(ApiError):
    """404."""


class ConflictError(ApiError):
    """409."""


class UnprocessableEntityError(ApiError):
    """422. ``problems`` maps the path of each faulty field (``body.engine``) to what is wrong with it."""

    def __init__(self, message: str, *, problems: Mapping[str, str] | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.problems = dict(problems or {})


class RateLimitError(ApiError):
    """429. ``retry_after`` is in seconds, None if the server did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class ServerError(ApiError):
    """5xx."""


class TransportError(SkyvernError):
    """There was no answer."""

    def __init__(
        self, message: str, *, method: str = "", url: str = "", run_id: str | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint, run_id=run_id)
        self.method = method
        self.url = url


class ConnectError(TransportError):
    """Nothing was sent, so that nothing can have happened on the server."""


class RequestTimeoutError(TransportError):
    """The request went out; no answer in time. A POST may have been carried out."""


class ConnectionLostError(TransportError):
    """The request went out (at least partly) and the connection broke. A POST may have been carried out."""


class ResponseParseError(SkyvernError):
    """A good status with a body that is not what was promised. ``is_json`` tells a wrong shape from no JSON at all."""

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        is_json: bool = False,
        method: str = "",
        url: str = "",
        run_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint, run_id=run_id)
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.body = body
        self.is_json = is_json
        self.method = method
        self.url = url


class DownloadError(SkyvernError):
    """What arrived has another size or checksum than the server's record says. Nothing was written to ``path``."""

    def __init__(self, message: str, *, path: Path, artifact_id: str | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.artifact_id = artifact_id


class WebhookError(SkyvernError):
    """A delivery that must not be believed; answer it with 400 or 401 and do nothing else."""


class WebhookSignatureError(WebhookError):
    """The signature is missing or is not that of this body with this key."""


class WebhookTimestampError(WebhookError):
    """The delivery is older or newer than it may be. ``age`` is seconds, None if it bears no time."""

    def __init__(self, message: str, *, age: float | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.age = age


class WebhookBodyError(WebhookError):
    """The delivery is genuine, but what it says is not a run."""


class RunTimeoutError(SkyvernError, TimeoutError):
    """The wait was longer than it may be; the run itself is untouched and can be waited for again by its id.

    ``run`` is what the last good poll said (None if there was none), ``attempts`` the number of polls,
    ``elapsed`` and ``timeout`` seconds. ``canceled`` is True if ``cancel_on_timeout`` stopped the run.
    """

    def __init__(
        self, message: str, *, run_id: str, run: Run | None, attempts: int, elapsed: float, timeout: float, hint: str
    ) -> None:
        super().__init__(message, hint=hint, run_id=run_id)
        self.run = run
        self.attempts = attempts
        self.elapsed = elapsed
        self.timeout = timeout
        self.canceled = False
