"""Recorded runs as scripts.

Owns: what of a run becomes which word of a script, and the file that holds them. Must not: read
exchanges (``runs`` does), or put anything into a script that was not recorded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import ValidationError

from mock_server.api.addresses import normalised
from mock_server.api.refusals import Refusal
from mock_server.artifacts.kinds import KINDS
from mock_server.engine.lifecycle import FINAL
from mock_server.scenarios.journal_redaction import GONE
from mock_server.scenarios.script import MOST_BYTES, MOST_THINGS, Script
from mock_server.tapes.runs import TASK, Run, Runs, stamps

Pace = Literal["seconds", "polls"]

_LONGEST_REGEX: Final = 500
_SLACK: Final = timedelta(seconds=0.5)
_STAMP: Final = {"queued": "queued", "running": "started", **dict.fromkeys(FINAL, "finished")}
_IDENTITY: Final = re.compile(r"_ids?$|_at$|^(?:uri|signed_url)$")
"""Fields of a timeline that belong to the recorded run alone; a run that follows the script has its own."""
_PLACEHOLDER: Final = re.compile(f"{GONE}|someone@example\\.com|\\+15550100")


@dataclass(frozen=True, slots=True)
class Screenplay:
    """Scripts as plain data, and what could not be told in them."""

    scripts: list[dict[str, Any]]
    notes: list[str]

    def text(self, source: str) -> str:
        """Return the scenario file."""
        head = [f"Made from {source}. Play it: skyvern-mock serve --scenarios THIS_FILE", *self.notes]
        comments = "".join(f"# {' '.join(line.split())}\n" for line in head)
        body: str = yaml.dump(
            {"scripts": self.scripts}, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=120
        )
        return comments + body


def screenplay(runs: Runs, folder: Path, pace: Pace) -> Screenplay:
    """Return the scripts of all runs. Files are named relative to ``folder``, where the scenario file is to be.

    ``pace`` seconds lets statuses last as long as they did, polls lets them be shown as often as they were.
    """
    notes: list[str] = []
    tasks = []
    for run in runs.runs.values():
        if run.operation != TASK or run.prompt is None:
            made = "was made before the recording" if run.begun is None else f"was made by {run.operation}"
            notes.append(f"{run.run_id} is not here: it {made}, and scripts are for tasks with a prompt.")
        else:
            tasks.append(run)
    scripts = []
    for run, match in zip(tasks, _matches(tasks), strict=True):
        telling = _Telling(run, runs, folder)
        script = _checked(telling.script(match, pace))
        notes += [f"{run.run_id}: {note}" for note in telling.notes]
        if script is None:
            notes.append(f"{run.run_id} is not here: what was recorded of it cannot be said in a script.")
        else:
            scripts.append(script)
    return Screenplay(scripts, notes)


def _matches(tasks: Sequence[Run]) -> list[dict[str, Any]]:
    """Return for which task each run's script is; of equal tasks each has its place, the last one any later place."""
    alike: dict[str, list[int]] = defaultdict(list)
    matches: list[dict[str, Any]] = []
    for number, run in enumerate(tasks):
        match = {"prompt": _text_match(run.prompt or ""), "url": _text_match(_address(run.request.get("url")))}
        alike[repr(match)].append(number)
        matches.append(match)
    for numbers in alike.values():
        for order, number in enumerate(numbers[:-1], 1):
            matches[number]["order"] = order
    return matches


def _text_match(text: str) -> dict[str, Any]:
    pieces = _PLACEHOLDER.split(text)
    if len(pieces) == 1:
        return {"exact": text}
    pattern = "(?s)^" + ".*".join(re.escape(piece) for piece in pieces) + "$"
    return {"regex": pattern} if len(pattern) <= _LONGEST_REGEX else {"contains": max(pieces, key=len)}


def _address(url: Any) -> str:
    """Return an address in the form the mock keeps it in."""
    try:
        return normalised("url", url, block_private=False) or ""
    except (Refusal, AttributeError, TypeError):
        return str(url)


class _Telling:
    """Tells one run."""

    def __init__(self, run: Run, runs: Runs, folder: Path) -> None:
        self._run = run
        self._contents = runs.contents
        self._folder = folder
        self.notes: list[str] = []

    def script(self, match: dict[str, Any], pace: Pace) -> dict[str, Any]:
        run = self._run
        phases, status = self._way(pace)
        script: dict[str, Any] = {"name": f"{run.run_id}: {run.prompt}"[:200], "match": match}
        if phases:
            script["phases"] = phases
        late = self._late_success(pace)
        script["ending"] = self._ending(status) if late is None else {"status": status}
        if late is not None:
            script["late_success"] = late
        downloads, artifacts = self._files()
        if downloads:
            script["downloads"] = downloads
        if artifacts:
            script["artifacts"] = artifacts
        if run.timeline is not None:
            script["timeline"] = self._timeline(run.timeline)
        return script

    # -- the way ----------------------------------------------------------------------------

    def _way(self, pace: Pace) -> tuple[list[dict[str, Any]], str]:
        """Return the phases and the status after them."""
        run = self._run
        statuses = [seen.status for seen in run.polls]
        first_final = next((n for n, status in enumerate(statuses) if status in FINAL), None)
        if first_final is None:
            before, status = run.polls, statuses[-1] if statuses else str(run.last.get("status") or "queued")
        else:
            before, status = run.polls[:first_final], statuses[first_final]
            if set(statuses[first_final:]) != {status} and self._late_success(pace) is None:
                self.notes.append(f"it was {status} first and {statuses[-1]} in the end, which a script cannot say.")
        groups: list[list[Any]] = []
        for seen in before:
            if groups and groups[-1][0] == seen.status:
                groups[-1][1] += 1
            else:
                groups.append([seen.status, 1])
        canceled = status == "canceled" and run.canceled_at is not None
        if first_final is None and groups:
            groups.pop()  # Where it stays.
        if pace == "polls":
            phases: list[dict[str, Any]] = [{"status": name, "polls": count} for name, count in groups]
        else:
            phases = self._timed([name for name, _ in groups], None if first_final is None else status)
        if canceled:
            present = phases[-1]["status"] if phases else "queued"
            phases = [*phases[:-1], {"status": present, "manual": True}]
        return phases, status

    def _timed(self, names: list[str], final: str | None) -> list[dict[str, Any]]:
        """Return the phases with the time from each change to the next."""
        run = self._run
        begun = run.begun or (run.polls[0].at if run.polls else None)
        if begun is None:
            return []
        first = str(run.last.get("status")) if not run.polls else run.polls[0].status
        made = "queued" if "queued" in stamps(run) else None
        if made and first not in (made, "created") and run.begun is not None:
            names = [made, *(name for name in names if name != made)] if made not in names else names
        changes = [timedelta(0)]
        last = final or (run.polls[-1].status if run.polls else None)
        following = [*names[1:], *([last] if last is not None and names else [])]
        changes += [self._change(name, begun) for name in following]
        phases = []
        for number, name in enumerate(names):
            end = changes[number + 1] if number + 1 < len(changes) else changes[number]
            seconds = max(0.0, (end - changes[number]).total_seconds())
            phases.append({"status": name, "seconds": round(seconds, 3)})
        return phases

    def _change(self, status: str, begun: datetime) -> timedelta:
        """Return when a status came, counted from the beginning: as the server says if that fits what was seen."""
        run = self._run
        place = next(n for n, seen in enumerate(run.polls) if seen.status == status)
        noticed = run.polls[place].at - begun
        not_yet = run.polls[place - 1].at - begun if place else timedelta(0)
        told = stamps(run).get(_STAMP.get(status, ""))
        if told is not None and not_yet - _SLACK <= told <= noticed + _SLACK:
            return told
        return not_yet + (noticed - not_yet) / 2

    def _late_success(self, pace: Pace) -> dict[str, Any] | None:
        """Return how a run that was canceled turned out to be done; None if it did not."""
        polls = self._run.polls
        canceled = [seen for seen in polls if seen.status == "canceled"]
        if not canceled or polls[-1].status != "completed":
            return None
        done = next(seen for seen in polls if seen.status == "completed")
        seconds = round(max(0.0, (done.at - canceled[0].at).total_seconds()), 3)
        told = self._ending("completed")
        return {
            "after": {"polls": len(canceled)} if pace == "polls" else {"seconds": seconds},
            **{name: told[name] for name in ("output", "summary") if name in told},
        }

    # -- the end ----------------------------------------------------------------------------

    def _ending(self, status: str) -> dict[str, Any]:
        last = self._run.last
        ending: dict[str, Any] = {"status": status}
        if isinstance(last.get("output"), dict | list | str):
            ending["output"] = last["output"]
        elif last.get("output") is not None:
            self.notes.append("its output is a bare number or truth value, which a script cannot say.")
        if summary := self._summary():
            ending["summary"] = summary
        if isinstance(last.get("failure_reason"), str) and last["failure_reason"]:
            ending["failure_reason"] = last["failure_reason"]
        errors = [error for error in last.get("errors") or [] if isinstance(error, dict)]
        if errors:
            ending["errors"] = errors[:MOST_THINGS]
        if isinstance(last.get("step_count"), int) and not isinstance(last["step_count"], bool):
            ending["step_count"] = last["step_count"]
        return ending

    def _summary(self) -> str | None:
        if isinstance(found := self._run.last.get("summary"), str):
            return found
        for item in self._run.timeline or []:
            thought = item.get("thought") if isinstance(item, dict) else None
            if isinstance(thought, dict) and thought.get("thought_scenario") == "summarization":
                output = thought.get("output")
                told = output.get("description") if isinstance(output, dict) else None
                return told if isinstance(told, str) else None
        return None

    # -- what is left -----------------------------------------------------------------------

    def _files(self) -> tuple[dict[str, Any], list[Any]]:
        """Return downloads by name, and the other artifacts, oldest first."""
        run = self._run
        downloads: dict[str, Any] = {}
        for item in run.last.get("downloaded_files") or []:
            if isinstance(item, dict) and item.get("filename"):
                downloads[str(item["filename"])[:255]] = self._content(item) or self._filler(item)
        artifacts: list[Any] = []
        unknown = 0
        for item in sorted(run.artifacts.values(), key=lambda item: str(item.get("created_at"))):
            kind = item.get("artifact_type")
            if kind == "download" and downloads:
                continue
            if kind not in KINDS:
                unknown += 1
                continue
            content = self._content(item)
            artifacts.append(kind if content is None else {"type": kind, "content": content})
        if not run.listed:
            artifacts += self._linked(artifacts)
        if unknown:
            self.notes.append(f"{unknown} artifacts of types that are not in the API are left out.")
        if len(artifacts) > MOST_THINGS:
            self.notes.append(f"{len(artifacts) - MOST_THINGS} artifacts more than a script may have are left out.")
        return dict(list(downloads.items())[:MOST_THINGS]), artifacts[:MOST_THINGS]

    def _linked(self, there: Iterable[Any]) -> list[Any]:
        """Return what the run itself links to, for a recording without the list of artifacts."""
        kinds = {item if isinstance(item, str) else item["type"] for item in there}
        shots = [] if "screenshot_final" in kinds else self._run.last.get("screenshot_urls") or []
        linked = [self._by_link("screenshot_final", link) for link in reversed(shots)]
        if "recording" not in kinds and (link := self._run.last.get("recording_url")):
            linked.append(self._by_link("recording", link))
        return linked

    def _by_link(self, kind: str, link: Any) -> Any:
        found = re.search(r"/artifacts/([^/?]+)/content", str(link))
        content = self._content({"artifact_id": found[1]}) if found else None
        return kind if content is None else {"type": kind, "content": content}

    def _content(self, item: dict[str, Any]) -> dict[str, Any] | None:
        path = self._contents.get(str(item.get("artifact_id")))
        return None if path is None else {"file": path.relative_to(self._folder).as_posix()}

    def _filler(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return as many bytes as the file has, which was not fetched."""
        size = item.get("file_size")
        known = isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= MOST_BYTES
        return {"size": size if known else 0}

    def _timeline(self, items: list[Any]) -> list[dict[str, Any]]:
        """Return the items oldest first, without what belongs to the recorded run alone."""
        told = [found for item in reversed(items) if (found := _item(item)) is not None]
        if len(told) > MOST_THINGS:
            self.notes.append(f"{len(told) - MOST_THINGS} timeline items more than a script may have are left out.")
        return told[:MOST_THINGS]


def _item(item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    kind = "block" if isinstance(item.get("block"), dict) else "thought"
    body = item.get(kind)
    if not isinstance(body, dict):
        return None
    told = _own(body)
    if kind == "block":
        actions = [_own(action) for action in reversed(body.get("actions") or []) if isinstance(action, dict)]
        told["actions"] = actions
    found: dict[str, Any] = {kind: told}
    children = [child for inner in reversed(item.get("children") or []) if (child := _item(inner)) is not None]
    if children:
        found["children"] = children
    return found


def _own(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not _IDENTITY.search(name)}


def _checked(script: dict[str, Any]) -> dict[str, Any] | None:
    """Return the script as it can be loaded: with ``unchecked`` if the recorded way is none of the service's."""
    for extra in ({}, {"unchecked": True}):
        try:
            # The files are looked up when the scenario is loaded.
            Script.model_validate({**script, **extra, "artifacts": [], "downloads": {}})
        except ValidationError:
            continue
        return {**script, **extra}
    return None


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # whichever is there
    """Writes what is alike twice rather than once with an anchor."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the parameter is yaml's
        return True


def _dumper() -> Any:
    return _Dumper
