"""Lists that show themselves in a notebook.

Owns: the two list types of answers. Must not: be anything but lists otherwise.
"""

from __future__ import annotations

from typing import Any

from skyvern_tui.client.models import Artifact, TimelineItem


class Timeline(list[TimelineItem]):
    """What happened in a run, newest first at every level; a notebook shows it oldest first."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from skyvern_tui.client.display import timeline_bundle  # noqa: PLC0415 - loaded in notebooks only

        del include, exclude
        return timeline_bundle(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's protocol
        # IPython has a printer for lists of its own, which would come before the bundle's text.
        del cycle
        printer.text(self._repr_mimebundle_()["text/plain"])


class Artifacts(list[Artifact]):
    """The records of what a run has left, oldest first."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from skyvern_tui.client.display import artifacts_bundle  # noqa: PLC0415 - loaded in notebooks only

        del include, exclude
        return artifacts_bundle(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's protocol
        # IPython has a printer for lists of its own, which would come before the bundle's text.
        del cycle
        printer.text(self._repr_mimebundle_()["text/plain"])
