"""Everything a person can do, by name.

Owns: the registry of actions: id, keys, words, and on which screen they live. Bindings,
key bar, help and palette are made from it, so that they can't disagree. Must not: do any
of it; each action names the ``action_*`` method of its screen.
"""

# ruff: noqa: E501 - the registry is a table: one action, one line

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding, BindingType


class Scope(StrEnum):
    """Where an action can be used."""

    app = "everywhere"
    panes = "panes"
    lists = "in lists"
    text = "in text"
    finding = "finding"
    find_bar = "while finding"
    tree = "in a JSON tree"
    artifacts = "artifacts"
    picture = "in a picture"
    film = "in a recording"
    har = "in requests"
    archive = "in an archive"
    elements = "in an element tree"
    log = "in a log"
    runs = "runs"
    compose = "new task"
    run = "run"
    timeline = "timeline"
    webhook = "webhook"
    export = "export"
    saved = "saved run"
    compare = "compare"
    dialog = "in every dialog"
    confirm = "in a question"
    pick = "in a list to choose from"
    templates = "templates"
    importing = "import"
    variants = "variants"
    servers = "servers"
    doctor = "doctor"
    keys = "in the help"
    choices = "in a line with choices"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done.

    ``id`` is stable (a keymap may name it). ``keys`` are Textual key names, the first of which is shown.
    """

    id: str
    keys: tuple[str, ...]
    method: str
    label: str
    """One or two words, for the key bar."""
    help: str
    """What it does, for help and palette."""
    scope: Scope
    rank: int = 0
    """Place in the key bar; 0 keeps it out. Higher ranks go first when there is no room."""
    priority: bool = False
    """Works while a text field has the focus."""
    writes: bool = False
    """Changes something on the server: a read-only profile refuses it."""


ACTIONS: Final = (
    Action("app.help", ("question_mark", "f1"), "app.help", "help", "Show the keys, searchable", Scope.app, rank=90),
    Action("app.palette", ("ctrl+p",), "app.command_palette", "palette", "Find any command", Scope.app, rank=91),
    Action("app.jump", ("ctrl+o",), "app.jump", "jump", "Jump to a widget by its letter", Scope.app, priority=True),
    Action("app.connections", ("f2",), "app.connections", "servers", "See the servers, and switch", Scope.app),
    Action("app.doctor", (), "app.doctor", "doctor", "Check the installation, the settings and the server", Scope.app),
    Action("app.start_mock", (), "app.start_mock", "start mock", "Start the local mock and switch to it", Scope.app),
    Action("app.stop_mock", (), "app.stop_mock", "stop mock", "Stop the local mock", Scope.app),
    Action("app.theme", (), "app.change_theme", "theme", "Change the colours", Scope.app),
    Action("app.screenshot", (), "app.screenshot", "screenshot", "Save a picture of the screen (SVG)", Scope.app),
    Action("app.quit", ("ctrl+q",), "app.quit", "quit", "Quit", Scope.app, priority=True),
    Action("panes.zoom", ("z", "f11"), "zoom", "zoom", "Give one pane all the room, or take it back", Scope.panes),
    Action("panes.grow", ("less_than_sign", "alt+left"), "resize(4)", "wider", "Make the right pane wider", Scope.panes),
    Action("panes.shrink", ("greater_than_sign", "alt+right"), "resize(-4)", "narrower", "Make the right pane narrower", Scope.panes),
    Action("panes.reset", ("equals_sign",), "resize(0)", "usual size", "Give the panes their usual sizes", Scope.panes),
    Action("list.down", ("down", "j"), "cursor_down", "down", "One line down", Scope.lists),
    Action("list.up", ("up", "k"), "cursor_up", "up", "One line up", Scope.lists),
    Action("list.page_down", ("pagedown", "ctrl+f"), "page_down", "page down", "One page down", Scope.lists),
    Action("list.page_up", ("pageup", "ctrl+b"), "page_up", "page up", "One page up", Scope.lists),
    Action("list.first", ("home", "g"), "first", "first", "To the first line", Scope.lists),
    Action("list.last", ("end", "G"), "last", "last", "To the last line, and follow what is added", Scope.lists),
    Action("text.down", ("down", "j"), "scroll_down", "down", "Scroll down", Scope.text),
    Action("text.up", ("up", "k"), "scroll_up", "up", "Scroll up", Scope.text),
    Action("text.page_down", ("pagedown", "space", "ctrl+f"), "page_down", "page down", "One page down", Scope.text),
    Action("text.page_up", ("pageup", "ctrl+b"), "page_up", "page up", "One page up", Scope.text),
    Action("text.first", ("home", "g"), "scroll_home", "top", "To the top", Scope.text),
    Action("text.last", ("end", "G"), "scroll_end", "bottom", "To the bottom", Scope.text),
    Action("find.open", ("slash",), "find", "find", "Find in this", Scope.finding),
    Action("find.filter", ("ampersand",), "filter_lines", "filter", "Show only the lines that have something, and their neighbours", Scope.finding),
    Action("find.next", ("n",), "find_next", "next hit", "To the next place found", Scope.finding),
    Action("find.previous", ("N",), "find_previous", "previous hit", "To the place found before", Scope.finding),
    Action("find.forget", ("escape",), "find_close", "forget", "Forget what was looked for", Scope.finding),
    Action("find.keep", ("enter",), "keep", "keep", "Back to the text; what was found stays marked", Scope.find_bar),
    Action("find.close", ("escape",), "close", "close", "Forget what is looked for, and go back", Scope.find_bar),
    Action("find.down", ("down",), "move(1)", "next", "To the next place; while filtering, fewer lines around each match", Scope.find_bar),
    Action("find.up", ("up",), "move(-1)", "previous", "To the place before; while filtering, more lines around each match", Scope.find_bar),
    Action("find.regex", ("f6", "alt+r"), "toggle_regex", "regex", "Read it as a regular expression, or not", Scope.find_bar),
    Action("find.case", ("f9", "alt+c"), "toggle_case", "case", "Let capitals count always, or only if it has one", Scope.find_bar),
    Action("tree.turn", ("enter", "space"), "turn", "fold", "Open or fold what is under the cursor", Scope.tree),
    Action("tree.open", ("right",), "open", "open", "Open it, or go to the first thing in it", Scope.tree),
    Action("tree.close", ("left",), "close", "fold", "Fold it, or go to what it is in", Scope.tree),
    Action("tree.open_all", ("shift+right",), "open_all", "open all", "Open everything below", Scope.tree),
    Action("tree.close_all", ("shift+left",), "close_all", "fold all", "Fold everything", Scope.tree),
    Action("tree.copy", ("y",), "copy_value", "copy value", "Copy the value under the cursor", Scope.tree),
    Action("tree.copy_path", ("Y",), "copy_path", "copy path", "Copy the path to it", Scope.tree),
    Action("files.mode", ("m",), "turn_view", "show as", "Show it the next way: outline, source, DOM; table, waterfall; tree, text", Scope.artifacts, rank=3),
    Action("files.group", ("t",), "turn_tree", "by step", "Group the artifacts by step or by type", Scope.artifacts, rank=5),
    Action("files.later", ("full_stop",), "scrub(1)", "next shot", "To the next screenshot, picture of a recording or page", Scope.artifacts, rank=6),
    Action("files.earlier", ("comma",), "scrub(-1)", "shot before", "To the screenshot, picture of a recording or page before", Scope.artifacts),
    Action("files.before", ("b",), "before_after", "before/after", "Show the screenshot beside the one before it", Scope.artifacts, rank=9),
    Action("files.save", ("s",), "save_file", "save", "Save the artifact to disk", Scope.artifacts, rank=4),
    Action("files.open", ("o",), "open_file", "open", "Show a saved copy with the system's program", Scope.artifacts, rank=7),
    Action("files.pager", ("vertical_line",), "pipe", "pager", "Show the text in $PAGER", Scope.artifacts, rank=10),
    Action("files.copy", ("y",), "copy_shown", "copy", "Copy what is selected, the line, or all of it", Scope.artifacts, rank=8),
    Action("files.copy_id", ("Y",), "copy_place", "copy id", "Copy the artifact's id", Scope.artifacts),
    Action("picture.larger", ("plus",), "zoom(1)", "larger", "Make the picture larger", Scope.picture, rank=3),
    Action("picture.smaller", ("minus",), "zoom(-1)", "smaller", "Make the picture smaller", Scope.picture),
    Action("picture.fit", ("0",), "zoom(0)", "fit", "Show the whole picture", Scope.picture, rank=5),
    Action("picture.left", ("left",), "pan(-1,0)", "left", "Move what is in sight to the left", Scope.picture),
    Action("picture.right", ("right",), "pan(1,0)", "right", "Move it to the right", Scope.picture),
    Action("picture.up", ("up", "k"), "pan(0,-1)", "up", "Move it up", Scope.picture),
    Action("picture.down", ("down", "j"), "pan(0,1)", "down", "Move it down", Scope.picture),
    Action("picture.first", ("home",), "edge(0)", "first shot", "To the first screenshot", Scope.picture),
    Action("picture.last", ("end",), "edge(-1)", "last shot", "To the last screenshot", Scope.picture),
    Action("film.play", ("space",), "play", "play", "Play the recording, or pause", Scope.film, rank=2),
    Action("film.on", ("right",), "leap(1)", "5 s on", "Five seconds on", Scope.film),
    Action("film.back", ("left",), "leap(-1)", "5 s back", "Five seconds back", Scope.film),
    Action("film.first", ("home",), "edge(0)", "beginning", "To the beginning", Scope.film),
    Action("film.last", ("end",), "edge(-1)", "end", "To the end", Scope.film),
    Action("har.detail", ("enter",), "detail", "request", "Show the request in full, or all requests again", Scope.har, rank=2),
    Action("har.uncover", ("u",), "uncover", "uncover", "Show credentials as they are, or cover them again", Scope.har, rank=8),
    Action("archive.enter", ("enter",), "enter", "open file", "Show the file as an artifact of its own", Scope.archive, rank=2),
    Action("elements.turn", ("enter",), "turn", "fold", "Fold or open the element", Scope.elements, rank=2),
    Action("elements.only", ("v",), "interactable", "only actionable", "Show only what can be acted on, or all", Scope.elements, rank=3),
    Action("log.level", ("v",), "level", "level", "Show from the next level on: info, warning, error, all", Scope.log, rank=3),
    Action("runs.new", ("n",), "new_task", "new task", "Write a task", Scope.runs, rank=1),
    Action("runs.open", ("enter", "l", "right"), "open_run", "open", "Open the run", Scope.runs, rank=2),
    Action("runs.filter", ("slash",), "filter", "filter", "Filter: words, status:failed, engine:…, age:<2h, -word", Scope.runs, rank=3),
    Action("runs.find", ("f",), "find", "find", "Find a run by a few of its letters", Scope.runs, rank=8),
    Action("runs.which", ("w",), "which", "which", "Show all, live, failed or completed runs in turn", Scope.runs, rank=11),
    Action("runs.sort", ("s",), "sort", "sort", "Sort by the next column", Scope.runs, rank=12),
    Action("runs.reverse", ("S",), "reverse", "reverse", "Turn the order round", Scope.runs),
    Action("runs.mark", ("space",), "mark", "mark", "Mark the run, or unmark it", Scope.runs, rank=9),
    Action("runs.range", ("v",), "mark_range", "mark range", "Mark all from the last mark to here", Scope.runs),
    Action("runs.mark_all", ("asterisk",), "mark_all", "mark all", "Mark all that are shown, or none", Scope.runs),
    Action("runs.cancel", ("c",), "cancel_run", "cancel", "Cancel the run, or all that are marked", Scope.runs, rank=4, writes=True),
    Action("runs.rerun", ("R",), "rerun", "rerun", "Run it again as it was, or all that are marked", Scope.runs, rank=10, writes=True),
    Action("runs.edit", ("e",), "edit", "edit & rerun", "Write a task that starts from this run", Scope.runs, rank=5),
    Action("runs.refresh", ("r",), "refresh", "refresh", "Ask the server now", Scope.runs, rank=13),
    Action("runs.more", ("m",), "more", "older", "Fetch older runs from the server", Scope.runs, rank=14),
    Action("runs.note", ("a",), "note", "note", "Write a note on the run; it stays on this machine", Scope.runs, rank=15),
    Action("runs.copy", ("y",), "copy", "copy id", "Copy the run's id, or those of all that are marked", Scope.runs),
    Action("runs.browser", ("o",), "open_browser", "browser", "Open the run in the browser", Scope.runs),
    Action("runs.compare", ("d",), "compare", "compare", "Compare the two marked runs, or this one with another", Scope.runs, rank=17),
    Action("runs.export", ("X",), "export", "export", "Export the run: curl, code, a test, a cassette, one file", Scope.runs, rank=16),
    Action("runs.saved", ("O",), "open_saved", "open file", "Open a run that was saved to a file", Scope.runs, rank=18),
    Action("runs.first", ("t",), "first_task", "first task", "Try the first task of the docs", Scope.runs, rank=7),
    Action("runs.unfilter", ("escape",), "unfilter", "all", "Forget the marks, then the filter", Scope.runs),
    Action("runs.quit", ("q",), "app.quit", "quit", "Quit", Scope.runs, rank=92),
    Action("compose.submit", ("ctrl+s", "ctrl+enter"), "submit", "submit", "Submit, and watch the run", Scope.compose, rank=1, priority=True, writes=True),
    Action("compose.stay", ("ctrl+g",), "stay", "submit & stay", "Submit, and go on with this form", Scope.compose, rank=6, priority=True, writes=True),
    Action("compose.variants", ("ctrl+n",), "variants", "variants", "Submit several variants of this task", Scope.compose, rank=10, priority=True, writes=True),
    Action("compose.next_field", ("tab",), "tab_on(1)", "next field", "To the next field, and on into the next group", Scope.compose, priority=True),
    Action("compose.previous_field", ("shift+tab",), "tab_on(-1)", "field before", "To the field before", Scope.compose, priority=True),
    Action("compose.next_group", ("f8", "ctrl+pagedown"), "turn_group(1)", "group", "To the next group of parameters", Scope.compose, rank=3, priority=True),
    Action("compose.previous_group", ("f7", "ctrl+pageup"), "turn_group(-1)", "previous group", "To the group before", Scope.compose, priority=True),
    Action("compose.preview", ("f3",), "preview", "preview", "Show the request as JSON, curl, Python, TypeScript or as its result in turn", Scope.compose, rank=4, priority=True),
    Action("compose.copy", ("f5",), "copy", "copy request", "Copy the request as the preview shows it", Scope.compose, rank=11, priority=True),
    Action("compose.editor", ("f4",), "editor", "$EDITOR", "Edit this text in $EDITOR", Scope.compose, rank=8, priority=True),
    Action("compose.import", ("ctrl+l",), "import", "import", "Paste curl, JSON or code, or the id of a run", Scope.compose, rank=7, priority=True),
    Action("compose.templates", ("ctrl+t",), "templates", "templates", "Start from a template", Scope.compose, rank=5, priority=True),
    Action("compose.keep", (), "keep", "keep as template", "Keep this task as a template", Scope.compose),
    Action("compose.undo", ("ctrl+z",), "undo", "undo", "Take back the last change of the form", Scope.compose, rank=9, priority=True),
    Action("compose.redo", ("ctrl+y",), "redo", "redo", "Do again what was taken back", Scope.compose, priority=True),
    Action("compose.back", ("escape",), "back", "back", "Go back; what was typed is kept", Scope.compose, rank=2),
    Action("compose.clear", ("ctrl+r",), "clear", "clear", "Empty the form", Scope.compose, rank=12, priority=True),
    Action("replay.play", ("space",), "play", "play", "Play the saved run as it went, or pause", Scope.saved, rank=2),
    Action("replay.next", ("full_stop",), "step_on(1)", "next moment", "To the next moment at which something happened", Scope.saved, rank=3),
    Action("replay.previous", ("comma",), "step_on(-1)", "moment before", "To the moment before", Scope.saved, rank=4),
    Action("replay.faster", ("plus",), "speed(1)", "faster", "Play faster", Scope.saved, rank=5),
    Action("replay.slower", ("minus",), "speed(-1)", "slower", "Play slower", Scope.saved),
    Action("replay.begin", ("left_curly_bracket",), "jump_to(0)", "beginning", "To the beginning", Scope.saved, rank=6),
    Action("replay.end", ("right_curly_bracket",), "jump_to(1)", "end", "To the end", Scope.saved, rank=7),
    Action("compare.back", ("escape", "backspace"), "back", "back", "Back", Scope.compare, rank=1),
    Action("compare.next", ("right_square_bracket",), "difference(1)", "next difference", "To the next difference", Scope.compare, rank=2),
    Action("compare.previous", ("left_square_bracket",), "difference(-1)", "difference before", "To the difference before", Scope.compare),
    Action("compare.only", ("v",), "only", "only differences", "Show only what differs, or everything", Scope.compare, rank=3),
    Action("compare.differences", ("1",), "show_tab('differences')", "differences", "The differences", Scope.compare, rank=3),
    Action("compare.screenshots", ("2",), "show_tab('screenshots')", "screenshots", "What was seen, side by side", Scope.compare, rank=4),
    Action("compare.next_tab", ("l", "right"), "turn_tab(1)", "next tab", "To the next tab", Scope.compare),
    Action("compare.previous_tab", ("h", "left"), "turn_tab(-1)", "previous tab", "To the previous tab", Scope.compare),
    Action("compare.view", ("enter",), "view", "see it", "Show the screenshots of this moment", Scope.compare, rank=5),
    Action("compare.next_shot", ("full_stop",), "scrub(1)", "next picture", "To the screenshots of the next moment", Scope.compare, rank=6),
    Action("compare.previous_shot", ("comma",), "scrub(-1)", "picture before", "To the screenshots of the moment before", Scope.compare),
    Action("compare.swap", ("w",), "swap", "swap", "Put the left run on the right", Scope.compare, rank=7),
    Action("compare.copy", ("y",), "copy", "copy", "Copy the comparison as text", Scope.compare, rank=8),
    Action("compare.refresh", ("r",), "refresh", "compare again", "Ask for both runs again", Scope.compare, rank=9),
    Action("export.back", ("escape", "backspace"), "back", "back", "Stop saving, or go back", Scope.export, rank=1),
    Action("export.save", ("s", "enter"), "save", "save", "Save it among the downloads", Scope.export, rank=2),
    Action("export.save_as", ("S",), "save_as", "save as", "Save it somewhere else", Scope.export, rank=3),
    Action("export.copy", ("y",), "copy", "copy", "Copy the text", Scope.export, rank=4),
    Action("export.path", ("Y",), "copy_path", "copy path", "Copy where it was saved", Scope.export, rank=5),
    Action("run.back", ("escape", "backspace"), "back", "back", "Back to the runs", Scope.run, rank=1),
    Action("run.timeline", ("1",), "show_tab('timeline')", "timeline", "What happened, as it happens", Scope.run),
    Action("run.output", ("2",), "show_tab('output')", "output", "What came of it", Scope.run),
    Action("run.artifacts", ("3",), "show_tab('artifacts')", "artifacts", "The files it left", Scope.run),
    Action("run.request", ("4",), "show_tab('request')", "request", "What was asked, as sent and as the server repeats it", Scope.run),
    Action("run.webhook", ("5",), "show_tab('webhook')", "webhook", "Who is told of the end, and how that went", Scope.run),
    Action("run.answers", ("6",), "show_tab('answers')", "answers", "What the server answered, as it came", Scope.run),
    Action("run.next_tab", ("l", "right"), "turn_tab(1)", "next tab", "To the next tab", Scope.run),
    Action("run.previous_tab", ("h", "left"), "turn_tab(-1)", "previous tab", "To the previous tab", Scope.run),
    Action("run.view", ("enter",), "view", "open", "Open what the cursor is on: fold a block, show a screenshot or a file", Scope.run, rank=2),
    Action("run.next", ("right_square_bracket",), "step(1)", "next artifact", "To the next artifact", Scope.run),
    Action("run.previous", ("left_square_bracket",), "step(-1)", "previous artifact", "To the one before", Scope.run),
    Action("run.mode", ("m",), "turn", "show as", "Show it the next way: tree, table, text; JSON, curl, code", Scope.run, rank=3),
    Action("run.failure", ("x",), "next_failure", "next failure", "To the next thing that failed", Scope.run, rank=6),
    Action("run.save", ("s",), "save", "save", "Save what is shown to disk", Scope.run, rank=4),
    Action("run.copy", ("y",), "copy", "copy", "Copy what is shown or under the cursor", Scope.run, rank=5),
    Action("run.copy_path", ("Y",), "copy_path", "copy id", "Copy the path to it, or its id", Scope.run),
    Action("run.cancel", ("c",), "cancel_run", "cancel", "Cancel this run", Scope.run, rank=3, writes=True),
    Action("run.browser", ("o",), "open_browser", "browser", "Open this run in the browser", Scope.run, rank=7),
    Action("run.refresh", ("r",), "refresh", "refresh", "Ask the server now", Scope.run),
    Action("run.again", ("e",), "again", "edit & rerun", "Write a task that starts from this one", Scope.run, rank=8),
    Action("run.rerun", ("R",), "rerun", "rerun", "Run it again as it was", Scope.run, rank=10, writes=True),
    Action("run.compare", ("d",), "compare", "compare", "Compare it with another run", Scope.run, rank=12),
    Action("run.export", ("X",), "export", "export", "Export it: curl, code, a test, a cassette, one file", Scope.run, rank=11),
    Action("timeline.pause", ("p",), "pause", "pause", "Hold still, or go on and follow", Scope.timeline, rank=3),
    Action("timeline.verbosity", ("v",), "verbosity", "less", "Everything, no thoughts, or blocks and errors only", Scope.timeline, rank=6),
    Action("timeline.fold_all", ("F",), "fold_all", "fold all", "Fold all blocks, or open them", Scope.timeline, rank=13),
    Action("dialog.close", ("escape",), "close", "close", "Close it; nothing is done", Scope.dialog),
    Action("dialog.help", ("f1",), "app.help", "help", "Show the keys of the dialog", Scope.dialog),
    Action("confirm.yes", ("y",), "answer(True)", "yes", "Yes, do it", Scope.confirm),
    Action("confirm.no", ("n",), "answer(False)", "no", "No, leave it", Scope.confirm),
    Action("confirm.other", ("left", "right", "h", "l"), "app.focus_next", "other answer", "To the other answer", Scope.confirm),
    Action("pick.down", ("down",), "move(1)", "down", "One line down", Scope.pick, priority=True),
    Action("pick.up", ("up",), "move(-1)", "up", "One line up", Scope.pick, priority=True),
    Action("pick.page_down", ("pagedown",), "move(10)", "page down", "Ten lines down", Scope.pick, priority=True),
    Action("pick.page_up", ("pageup",), "move(-10)", "page up", "Ten lines up", Scope.pick, priority=True),
    Action("templates.remove", ("delete", "f8"), "remove", "remove", "Remove a template of one's own (●)", Scope.templates, priority=True),
    Action("import.take", ("ctrl+s", "ctrl+l"), "take", "take it", "Fill the form with what was understood", Scope.importing, priority=True),
    Action("variants.submit", ("ctrl+s",), "take", "submit them", "Submit what is listed", Scope.variants, priority=True),
    Action("servers.use", ("enter",), "use", "use", "Use this server", Scope.servers),
    Action("servers.add", ("a",), "add", "add", "Add a profile to the configuration file", Scope.servers),
    Action("servers.key", ("K",), "key", "key into the keyring", "Store this profile's key in the keyring", Scope.servers),
    Action("servers.stop", ("s",), "stop", "stop the mock", "Stop the local mock", Scope.servers),
    Action("servers.doctor", ("D",), "app.doctor", "doctor", "Check the server in use", Scope.servers),
    Action("servers.close", ("q", "f2"), "close", "close", "Close the list of servers", Scope.servers),
    Action("doctor.again", ("r",), "again", "look again", "Check everything again", Scope.doctor),
    Action("doctor.copy", ("y",), "copy", "copy", "Copy what was found", Scope.doctor),
    Action("doctor.close", ("q",), "close", "close", "Close the doctor", Scope.doctor),
    Action("help.down", ("down",), "scroll(1)", "down", "One line down", Scope.keys),
    Action("help.up", ("up",), "scroll(-1)", "up", "One line up", Scope.keys),
    Action("help.page_down", ("pagedown",), "scroll(10)", "page down", "Ten lines down", Scope.keys),
    Action("help.page_up", ("pageup",), "scroll(-10)", "page up", "Ten lines up", Scope.keys),
    Action("choices.next", ("down",), "choose(1)", "next choice", "Put the next choice into the line", Scope.choices),
    Action("choices.previous", ("up",), "choose(-1)", "choice before", "Put the choice before into the line", Scope.choices),
    Action("webhook.replay", ("R",), "replay", "send again", "Have the webhook sent again, to its receiver or another", Scope.webhook, rank=2, writes=True),
)  # fmt: skip

_SHOWN: Final = {
    "question_mark": "?",
    "slash": "/",
    "ampersand": "&",
    "vertical_line": "|",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "delete": "del",
    "enter": "⏎",
    "backspace": "⌫",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


_SIGNS: Final = frozenset({"enter", "backspace", "up", "down", "left", "right"})
UNBOUND: Final = "unbound-"
"""Begins the key name of what has no key."""


def name_of(action: Action) -> str:
    """Return the bare name of the method, as ``check_action`` is asked for it."""
    return action.method.split("(", 1)[0].rpartition(".")[2]


def key_words(key: str) -> str:
    """Return a Textual key name as people write it: ``^p``, ``esc``, ``?``."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name, name)
    return "^" + shown if modifiers == ["ctrl"] else "+".join([*modifiers, shown])


def types_text(key: str) -> bool:
    """Tell whether a key puts a character into a text field."""
    return len(key) == 1 or key == "space" or (key not in _SIGNS and len(_SHOWN.get(key, "  ")) == 1)


def actions_of(*scopes: Scope) -> list[Action]:
    """Return the actions of the scopes, in the order of the registry."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings(*scopes: Scope) -> list[BindingType]:
    """Return the bindings of the scopes. An action without a key has one that nobody can press, for a keymap to move."""
    return [
        Binding(",".join(a.keys) or f"{UNBOUND}{a.id}", a.method, a.help, show=a.rank > 0, priority=a.priority, id=a.id)
        for a in actions_of(*scopes)
    ]
