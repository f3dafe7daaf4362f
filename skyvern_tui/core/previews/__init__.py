"""What is inside an artifact, kind by kind.

:mod:`skyvern_tui.core.preview` says what the bytes are; the modules here take one kind
apart: JSON, logs, pages, HAR, archives and traces, PDF, recordings, element trees, images
and other files. All of them are bounded in size and time, hand out safe text only, and say
with :class:`~skyvern_tui.core.previews.bounds.Unreadable` when there is nothing to show.
"""
