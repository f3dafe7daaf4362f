"""Where the artifacts of a run come from: the action, the thought or the block each belongs to.

Owns: finding them in a journal, and wording them in a few safe words. Must not: group
artifacts (the shelf does), or fetch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from skyvern_tui.core.facts import Action, ArtifactFact, Block, Thought
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.rows import words
from skyvern_tui.core.text import one_line, shorten

_LONGEST: Final = 60
"""Characters of a name in words."""
_TOGETHER: Final = timedelta(seconds=1)
"""The page of an action is stored this soon after its screenshot."""
_THOUGHTS: Final = {"user_goal_check": "check"}


class Origins:
    """What the artifacts of a journal belong to; looked up when first asked after the journal grew."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        """The journal that is asked."""
        self._read = -1
        self._actions: dict[str, Action] = {}
        """By the id of the artifact."""
        self._blocks: dict[str, Block] = {}
        self._thoughts: dict[str, Thought] = {}

    @property
    def version(self) -> object:
        """Changes when an answer may have."""
        run = self.journal.run
        return (len(self.journal.log), None if run is None else run.downloaded_files)

    def file_name(self, fact: ArtifactFact) -> str:
        """Return what a file would be called: the name it was downloaded under, as it came; not safe."""
        run = self.journal.run
        for file in (None if run is None else run.downloaded_files) or ():
            if file.filename and (file.artifact_id == fact.id or (file.checksum and file.checksum == fact.checksum)):
                return file.filename
        return fact.name

    def words_of(self, fact: ArtifactFact) -> str:
        """Say in safe words what the artifact belongs to; empty if that is not known."""
        self._catch_up()
        if fact.type == "download":
            name = self.file_name(fact)
            return "" if name == fact.name else shorten(one_line(name), _LONGEST)
        action = self._actions.get(fact.id)
        return self._thought(fact) if action is None else _deed(action)

    def _thought(self, fact: ArtifactFact) -> str:
        thought = self._thoughts.get(fact.thought_id or "")
        return "" if thought is None else words(_THOUGHTS.get(thought.kind, thought.kind))

    def block_of(self, fact: ArtifactFact) -> str:
        """Say in safe words what the block (or thought) is that the artifact belongs to; empty if that is not known."""
        self._catch_up()
        block = self._blocks.get(fact.block_id or "")
        if block is None:
            return self._thought(fact)
        goal = one_line(block.goal[: _LONGEST * 2])
        return shorten(": ".join(filter(None, (words(block.kind), goal))), _LONGEST)

    def _catch_up(self) -> None:
        if self._read == len(self.journal.log):
            return
        self._read = len(self.journal.log)
        self._actions.clear()
        for event in self.journal.events:
            subject = event.subject
            if isinstance(subject, Action):
                if subject.screenshot:
                    self._actions[subject.screenshot] = subject
            elif isinstance(subject, Block):
                self._blocks[subject.id] = subject
            elif isinstance(subject, Thought):
                self._thoughts[subject.id] = subject
        self._pair_pages()

    def _pair_pages(self) -> None:
        """A page is not linked with its action; it is stored right after the action's screenshot."""
        last: dict[str | None, ArtifactFact] = {}
        for artifact in self.journal.artifacts:
            if artifact.id in self._actions:
                last[artifact.step_id] = artifact
            elif artifact.type == "html_action":
                shot = last.pop(artifact.step_id, None)
                if shot is not None and artifact.at - shot.at <= _TOGETHER:
                    self._actions[artifact.id] = self._actions[shot.id]


def _deed(action: Action) -> str:
    on, by = (one_line(text[: _LONGEST * 2]) for text in (action.element, action.detail))
    return shorten(" ".join(filter(None, (words(action.kind), f"“{on}”" if on else by))), _LONGEST)
