"""What a script does to its run.

Owns: the status a scripted run is given, by way of those that lie between, and its files, timeline and
webhooks. Must not: know when any of it is due; ``director`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mock_server.artifacts.writer import ArtifactWriter, Belonging
from mock_server.dialect import Dialect
from mock_server.engine.lifecycle import IllegalTransition, Status, advance, override
from mock_server.scenarios import samples
from mock_server.scenarios.script import Artifact, Ending, Script, path_between
from mock_server.scenarios.tenants import Tenants
from mock_server.store.records import RunRecord
from mock_server.store.store import Store


class Staging:
    """Changes runs as their scripts say. The rows are the caller's to store, but for artifacts and timelines.

    ``ended`` is called once for each webhook a run's end is told by.
    """

    def __init__(
        self,
        *,
        store: Store,
        tenants: Tenants,
        writer: ArtifactWriter,
        dialect: Dialect,
        ended: Callable[[RunRecord], None],
    ) -> None:
        self._store = store
        self._tenants = tenants
        self._writer = writer
        self._dialect = dialect
        self._ended = ended

    def enter(self, run: RunRecord, script: Script, status: str, when: datetime) -> None:
        """Give a run a status that does not end it; its timeline begins when it begins to run."""
        self._walk(run, script, status, when, over=False)

    def end(self, run: RunRecord, script: Script, ending: Ending, when: datetime) -> None:
        """Give a run its last status, with what goes with it, and finish its timeline."""
        run.errors = [dict(error) for error in ending.errors]
        details = {"failure_reason": ending.reason, "output": ending.output, "summary": ending.summary}
        self._walk(run, script, ending.status, when, over=True, **details)
        if ending.step_count is not None:
            run.step_count = ending.step_count
        self.tell_end(run, script, ending)

    def tell_end(self, run: RunRecord, script: Script, ending: Ending) -> None:
        """Finish the timeline of a run, if it ever began to run."""
        if run.started_at is None:
            return
        from mock_server.scenarios import storyline  # noqa: PLC0415  # the agent's vocabulary comes late

        storyline.end(run, script, ending, self._store, self._tenants.of(run.organization_id))

    def leave_files(self, run: RunRecord, script: Script) -> None:
        """Store the files that are there when the run ends.

        Raises:
            ArtifactError: One cannot be stored.
        """
        for filename, content in script.downloads.items():
            self.write(run, Artifact(type="download", content=content, filename=filename))
        for artifact in script.artifacts:
            if artifact.after is None:
                self.write(run, artifact)

    def write(self, run: RunRecord, artifact: Artifact) -> None:
        """Store one file.

        Raises:
            ArtifactError: It cannot be stored.
        """
        data = samples.sample(artifact.type) if artifact.content is None else artifact.content.data()
        belonging = Belonging(run.organization_id, run.run_id, run.task_id, workflow_run_id=run.workflow_run_id)
        self._writer.write(artifact.type, data, belonging, filename=artifact.filename)

    def announce(self, run: RunRecord, script: Script) -> None:
        """Send the webhooks of a run that has ended, as often as the script says."""
        for _ in range(script.webhook.times):
            self._ended(run)

    def _walk(self, run: RunRecord, script: Script, to: str, when: datetime, *, over: bool, **details: Any) -> None:
        """Change the status, by way of those that lie between, as far as there is a legal way."""
        way = path_between(run.status, to)
        before = run.started_at
        if run.status == "created" and way and way[0] == "running" and self._dialect.step_runs_are_queued:
            way = ("queued", *way)
        try:
            if way is None or (not way and over):
                raise IllegalTransition  # noqa: TRY301  # the way of both is the same
            for status in way[:-1]:
                advance(run, _known(status), when)
            if way:
                advance(run, _known(way[-1]), when, **details)
        except IllegalTransition:
            # What a script may ask for was checked when it was read; the rest is unchecked on purpose, or a
            # planner's run that is to be shown as created, which it never is by itself.
            override(run, to, when, over=over, **details)
        if before is None and run.started_at is not None:
            run.step_count = run.step_count or 1
            self._tell_beginning(run, script)

    def _tell_beginning(self, run: RunRecord, script: Script) -> None:
        from mock_server.scenarios import storyline  # noqa: PLC0415  # as above

        storyline.begin(run, script, self._store, self._tenants.of(run.organization_id))


def _known(status: str) -> Status:
    """Return a status of the table as what it is; ``path_between`` knows no other."""
    known: Any = status
    checked: Status = known
    return checked
