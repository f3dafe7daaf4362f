"""Where the two services that share this API differ.

Owns: one table of named differences between ``cloud`` (what the public documentation
describes) and ``oss`` (what a self-hosted server does on the wire), each with its source.
Must not: hold behaviour; whoever behaves differently reads the named value from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from mock_server.settings import DialectName


@dataclass(frozen=True, slots=True)
class Difference:
    """One named value that depends on the dialect."""

    name: str
    cloud: Any
    oss: Any
    meaning: str
    source: str


DIFFERENCES: Final = (
    Difference(
        "default_engine",
        "skyvern-2.0",
        "skyvern-1.0",
        "Engine of a request that names none.",
        "cloud: SDK pages of the documentation; oss: findings 5",
    ),
    Difference(
        "max_steps_status",
        "timed_out",
        "failed",
        "Status of a run that used up its steps.",
        "cloud: SDK pages of the documentation; oss: findings 6",
    ),
    Difference(
        "max_steps_error",
        False,
        True,
        "Whether a step-engine run that used up its steps carries the error REACH_MAX_STEPS.",
        "oss: findings 6",
    ),
    Difference(
        "cancel_finished_step_run",
        "ok",
        "refused",
        "Cancelling a finished step-engine run: 200 without effect, or 400.",
        "cloud: documentation; oss: findings 7",
    ),
    Difference(
        "webhook_when_cancel_noticed",
        False,
        True,
        "Whether a run canceled while it is going on sends its webhook a second time, when its work has stopped.",
        "cloud: documentation, one per run; oss: findings 7, semantics 1.12",
    ),
    Difference(
        "webhook_when_cancel_repeated",
        False,
        True,
        "Whether cancelling a finished planner or workflow run sends its webhook again.",
        "cloud: documentation, no effect; oss: findings 7",
    ),
    Difference(
        "session_runs_at_once",
        True,
        False,
        "Whether a browser session becomes running, with started_at, when its browser is open; otherwise it stays "
        "created until it ends.",
        "cloud: documentation; oss: findings 11",
    ),
    Difference(
        "browser_user_agent",
        True,
        False,
        "Whether user_agent of a task, or the header x-user-agent, is what its browser passes for; otherwise neither "
        "has an effect.",
        "cloud: SDK pages of the documentation; oss: findings 13, semantics 6.15",
    ),
    Difference(
        "step_runs_are_queued",
        True,
        False,
        "Whether step-engine runs pass through queued on their way from created to running.",
        "cloud: documentation; oss: findings 6",
    ),
    Difference(
        "step_run_timeline",
        True,
        False,
        "Whether step-engine runs have a timeline; the other answer is 400.",
        "cloud: documentation shows it for any run; oss: findings 8",
    ),
    Difference(
        "artifacts_by_planner_id",
        True,
        False,
        "Whether a tsk_v2_ id lists the artifacts of its run; otherwise only its wr_ id does.",
        "cloud: documentation; oss: findings 9",
    ),
    Difference(
        "step_output_needs_schema",
        False,
        True,
        "Whether a step-engine run without data_extraction_schema ends with output null.",
        "cloud: documentation's examples; oss: findings 6 and get_run_v1_completed_completed",
    ),
    Difference(
        "artifact_links",
        "signed",
        "file",
        "signed_url and the urls of a run: a signed http link, or the file: uri of the artifact itself.",
        "cloud: documentation; oss: findings 9",
    ),
    Difference(
        "artifact_checksums",
        True,
        False,
        "Whether an artifact says the SHA-256 of its content; otherwise only downloaded files do.",
        "cloud: assumed; oss: findings 9",
    ),
    Difference(
        "listed_by_prompt",
        True,
        False,
        "Whether a step-engine run without a title is listed under the beginning of its prompt; otherwise under null.",
        "cloud: assumed; oss: list_runs_default",
    ),
    Difference(
        "typed_artifact_content",
        True,
        False,
        "Whether har, trace, pdf and archives are served with their own content type instead of application/json.",
        "cloud: object storage keeps the type (assumed); oss: findings 9, semantics 4.2",
    ),
    Difference(
        "request_echo",
        "as_sent",
        "rebuilt",
        "run_request and the settings of a run in its answers: as they were sent, or rebuilt with most options empty.",
        "cloud: the API reference's description of run_request; oss: findings 5",
    ),
    Difference(
        "task_script_run",
        True,
        False,
        "Whether a task that was done with stored code says so in script_run; runs of workflows always do.",
        "cloud: API reference and SDK pages list script_run of a task; oss: semantics 6.8",
    ),
    Difference(
        "engines_not_enabled",
        (),
        ("ui-tars",),
        "Engines that are refused with 400.",
        "cloud: API reference lists them all; oss: findings 4",
    ),
    Difference(
        "allowed_origins",
        ("loopback",),
        ("*",),
        "Origins whose pages may use the API from a browser, when the settings name none.",
        "cloud: not observed, so the safe choice; oss: findings 3",
    ),
    Difference(
        "totp_prose",
        "read",
        "pending",
        "A pushed message that is more than a code: the code is found in it at once, or it is answered raw_pending and "
        "read when a run needs it.",
        "cloud: documentation (a message may be sent as it came); oss: findings 11, totp_ok",
    ),
    Difference(
        "uploads",
        True,
        False,
        "Whether files can be uploaded; the other answer is 500 NotImplementedError.",
        "cloud: documentation; oss: semantics 2.15",
    ),
)
"""The whole table; the documentation page of the dialects is made from it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One column of the table, by name."""

    name: DialectName
    default_engine: str
    max_steps_status: Literal["timed_out", "failed"]
    max_steps_error: bool
    cancel_finished_step_run: Literal["ok", "refused"]
    webhook_when_cancel_noticed: bool
    webhook_when_cancel_repeated: bool
    session_runs_at_once: bool
    browser_user_agent: bool
    step_runs_are_queued: bool
    step_run_timeline: bool
    artifacts_by_planner_id: bool
    step_output_needs_schema: bool
    artifact_links: Literal["signed", "file"]
    artifact_checksums: bool
    listed_by_prompt: bool
    typed_artifact_content: bool
    request_echo: Literal["as_sent", "rebuilt"]
    task_script_run: bool
    engines_not_enabled: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    totp_prose: Literal["read", "pending"]
    uploads: bool


def dialect_named(name: DialectName) -> Dialect:
    """Return the dialect of that name."""
    values: dict[str, Any] = {difference.name: getattr(difference, name) for difference in DIFFERENCES}
    return Dialect(name=name, **values)
