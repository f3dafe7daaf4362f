"""Every type of artifact there is.

Owns: one table, type -> file extension and content type. Must not: read or write files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"
PNG: Final = "image/png"
BINARY: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """How artifacts of one type are stored and served."""

    extension: str
    """With its dot; empty for types whose files have the name they came with."""
    content_type: str
    oss_content_type: str | None = None
    """What a self-hosted server says instead, where that differs."""
    attachment: bool = False

    def served_as(self, *, typed: bool) -> str:
        """Return the Content-Type; ``typed`` is the dialect's ``typed_artifact_content``."""
        return self.content_type if typed or self.oss_content_type is None else self.oss_content_type


_SCREENSHOT: Final = Kind(".png", PNG)
_JSON: Final = Kind(".json", JSON)
_TEXT: Final = Kind(".txt", TEXT)
_HTML: Final = Kind(".html", HTML)
_LOG: Final = Kind(".log", TEXT)
_ZIP: Final = Kind(".zip", "application/zip", JSON)

KINDS: Final[dict[str, Kind]] = {
    "recording": Kind(".webm", "video/webm"),
    "audio": Kind(".webm", "audio/webm"),
    "session_replay": Kind(".mp4", "video/mp4"),
    "eval_score": _JSON,
    "eval_trajectory": _JSON,
    "eval_rubrics": _JSON,
    "browser_console_log": _LOG,
    "browser_session_action_log": _JSON,
    "skyvern_log": _LOG,
    "skyvern_log_raw": _JSON,
    "screenshot": Kind(".png", PNG, JSON),
    "screenshot_llm": _SCREENSHOT,
    "screenshot_action": _SCREENSHOT,
    "screenshot_final": _SCREENSHOT,
    "screenshot_proxy": _SCREENSHOT,
    "screenshot_pre_submit": _SCREENSHOT,
    "llm_prompt": _TEXT,
    "llm_request": _JSON,
    "llm_response": _JSON,
    "llm_response_parsed": _JSON,
    "llm_response_rendered": _JSON,
    "visible_elements_id_css_map": _JSON,
    "visible_elements_id_frame_map": _JSON,
    "visible_elements_tree": _JSON,
    "visible_elements_tree_trimmed": _JSON,
    "visible_elements_tree_in_prompt": _TEXT,
    "hashed_href_map": _JSON,
    "visible_elements_id_xpath_map": _JSON,
    "html": Kind(".html", HTML, JSON),
    "html_scrape": _HTML,
    "html_action": _HTML,
    "html_pre_submit": _HTML,
    "trace": _ZIP,
    "har": Kind(".har", JSON),
    "script_file": Kind("", BINARY, JSON),
    "pdf": Kind(".pdf", "application/pdf", JSON),
    "step_archive": _ZIP,
    "task_archive": _ZIP,
    "download": Kind("", BINARY, attachment=True),
    "unknown": Kind("", BINARY, JSON),
}
"""In the order of the published enumeration."""
