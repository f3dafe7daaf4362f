"""What a server is started with.

Owns: the settings, their defaults and where data lives when nobody says. Must not: read
the command line or open anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import platformdirs

from mock_server.browser.spec import Proxy

DialectName = Literal["cloud", "oss"]
PlannerName = Literal["rules", "openai"]
ClockMode = Literal["real", "frozen", "auto"]

DEFAULT_PORT: Final = 8000
DEFAULT_API_KEY: Final = "mock-local-key"
"""The key the server offers when none is required; any other non-empty key works as well."""


def default_data_dir() -> Path:
    """Return the per-user directory for runs and artifacts; it need not exist yet."""
    return platformdirs.user_data_path("skyvern-mock", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be chosen about one server. Times are seconds, sizes bytes."""

    data_dir: Path = field(default_factory=default_data_dir)
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """The port that is really bound; the command line resolves 0 before it makes these settings."""
    dialect: DialectName = "cloud"
    parallel_runs: int = 2
    """How many runs go on at a time; more than two did not finish sooner on two cores. 0 takes runs and does none."""
    browser_path: Path | None = None
    """Executable to start instead of the one that would be found."""
    public_url: str | None = None
    """Address in links the server hands out, if it differs from host and port (a proxy, a container)."""
    require_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keys that are let in; empty lets every non-empty key in."""
    run_timeout_seconds: float = 1800.0
    """Wall-clock limit of one run, after which it is ``timed_out``."""
    max_artifact_bytes: int = 128 * 1024 * 1024
    record: bool = True
    """Whether runs are filmed."""
    warm: bool = False
    """Start the browser at once instead of with the first run."""
    block_private_hosts: bool = False
    tied: bool = False
    """End when stdin ends: the program that started this server is gone then, even if it was killed."""
    """Whether task and webhook urls on this machine or a private network are refused, as a public service does."""
    faults: tuple[str, ...] = ()
    """What goes wrong for every tenant, in the notation of ``scenarios.faults_notation``."""
    journal_entries: int = 2_000
    """How many exchanges of each tenant the journal keeps; 0 keeps none."""
    self_check: bool = False
    """Hold every request and answer to the published schema; the findings are at ``/_mock/conformance``."""
    progression: str | None = None
    """How runs go on that have no script of their own: agent, immediate, polls=N, seconds=T, manual. None: agent."""
    scenarios: tuple[Path, ...] = ()
    """Files and directories of scripts that are for every tenant."""
    seed: int | None = None
    """What every tenant's ids are made from; None: ids that are never repeated."""
    clock: ClockMode = "real"
    """How time passes for every tenant at first."""
    planner: PlannerName = "rules"
    """Who plans: the rules, or a language model with the OpenAI-compatible chat API, the rules behind it."""
    llm_base_url: str | None = None
    """Where that API is, such as ``http://127.0.0.1:11434/v1``; needed for the planner ``openai``."""
    llm_model: str | None = None
    """The name of the model; needed as well. A task's own ``model`` goes before it."""
    llm_key: str | None = field(default=None, repr=False)
    llm_timeout_seconds: float = 60.0
    """How long the model may take for one answer."""
    llm_images: bool = True
    """Whether the model is shown screenshots."""
    allowed_hosts: tuple[str, ...] = ()
    """Names, besides loopback names and addresses, this server is called by; any other Host header is refused."""
    allowed_origins: tuple[str, ...] | None = None
    """Web origins whose pages may use the API; ``loopback`` and ``*`` are understood. None: as the dialect has it."""
    proxies: tuple[tuple[str, Proxy], ...] = ()
    """Proxies by the place they stand for: ``(("RESIDENTIAL_DE", Proxy(...)), ("*", Proxy(...)))``."""

    @property
    def base_url(self) -> str:
        """The address clients reach the server under, without a trailing slash."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.port}"  # noqa: S104  # compared, not bound

    @property
    def api_key(self) -> str:
        """A key that will be accepted."""
        return self.require_keys[0] if self.require_keys else DEFAULT_API_KEY

    @property
    def artifact_root(self) -> Path:
        return self.data_dir / "artifacts"

    @property
    def upload_root(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def store_path(self) -> Path:
        return self.data_dir / "skyvern-mock.sqlite3"

    @property
    def work_dir(self) -> Path:
        """Scratch space of runs that are going on. Emptied at start, so its name is nobody else's."""
        return self.data_dir / "skyvern-mock.work"
