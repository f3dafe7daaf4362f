"""Files that come and go: downloads, uploads, the page as PDF.

Owns: finding what on the page hands out the file that is meant. Must not: fetch
anything itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Final
from urllib.parse import urlsplit

from mock_server.agent.goal import Target
from mock_server.agent.grounding import FITS, ground
from mock_server.agent.lexicon import MOSTLY, likeness, passage_likeness, stem, words
from mock_server.agent.observation import Element, Record, RecordGroup
from mock_server.agent.planner.exploring import explore, next_page_link, not_found
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip
from mock_server.agent.planner.pointing import primary
from mock_server.agent.recognition import ground_record

_FILE: Final = re.compile(
    r"\.(?:pdf|csv|xlsx?|docx?|pptx?|zip|gz|tar|7z|txt|json|xml|ics|vcf|png|jpe?g|gif|svg|mp[34]|wav|webm|exe|dmg|deb|rpm|whl|epub|odt|ods|rtf|log|md)$",
    re.IGNORECASE,
)
_HANDS_OUT: Final = re.compile(
    r"\b(?:download|export|save\s+as|get\s+(?:the\s+)?(?:file|pdf)|pdf|csv|xlsx?|zip)\b|[⬇⤓↓📥]", re.IGNORECASE
)
_VAGUE: Final = frozenset(
    [
        "file",
        "files",
        "it",
        "them",
        "document",
        "documents",
        "pdf",
        "csv",
        "attachment",
        "attachments",
        "this",
        "that",
        "one",
    ]
)
_MOST: Final = 50


def hands_out(element: Element) -> bool:
    """Whether using the element should bring a file."""
    if not element.interactable or element.disabled:
        return False
    if "download" in element.attributes or (element.href and _FILE.search(urlsplit(element.href).path)):
        return True
    hints = " ".join(
        (element.name, element.attributes.get("title", ""), element.attributes.get("class", "").replace("-", " "))
    )
    return element.role in ("link", "button", "menuitem", "img") and len(hints) < 200 and bool(_HANDS_OUT.search(hints))  # noqa: PLR2004 - a long text is content


def download(at: Situation) -> Decision:
    """Get the file that is meant: the one of the entry that was named, or the one the page offers."""
    target = at.intent.target
    got = [deed for deed in at.deeds if deed.action_type == "download_file" and deed.ok]
    if got and not target.every:
        return skip(
            f"The file {at.memory.downloads[-1]!r} was downloaded."
            if at.memory.downloads
            else "The file was downloaded."
        )
    failed = [deed for deed in at.deeds if deed.action_type == "download_file" and not deed.ok]
    if len(failed) > 2:  # noqa: PLR2004 - three controls brought nothing
        return give_up(f"{failed[-1].name!r} was used, but no file came. Check by hand whether the page hands it out.")
    if target.every:
        return _every(at)
    found = _entry(at)
    if found is not None:
        return _from_entry(at, found[1], found[2])
    direct = _direct(at)
    if direct is not None:
        return direct
    wanted = target.phrase or target.name or "the file"
    noun = target.name or wanted
    return explore(
        at,
        noun,
        entries=True,
        searchable=target.name if target.quoted else "",
        reason=f"No download for {wanted!r} was found. {not_found(at, wanted)}",
    )


def _entry(at: Situation) -> tuple[RecordGroup, Record, str] | None:
    """The entry of a list the file belongs to. A list counts only if it is of such things, or hands out files."""
    target = at.intent.target
    if target.extreme is None and target.ordinal is None and (not target.name or target.name.casefold() in _VAGUE):
        return None
    groups = [
        group
        for group in at.page.groups
        if group.region not in ("navigation", "banner", "contentinfo") and _is_of(at, group, target)
    ]
    if not groups:
        return None
    page = replace(at.page, groups=tuple(groups))
    return ground_record(replace(target, anchor=None) if target.extreme else target, page)


def _is_of(at: Situation, group: RecordGroup, target: Target) -> bool:
    """Whether the entries of the group are what the target's noun says."""
    if not target.name or target.name.casefold() in _VAGUE:
        own = {key for record in group.records for key in record.element_ids}
        return any(hands_out(element) for element in at.page.elements if element.id in own)
    texts = (group.title, *group.header, at.page.title, *(record.text[:300] for record in group.records[:50]))
    said = {stem(word) for word in words(" ".join(texts))}
    if any(stem(word) in said for word in words(target.name)):
        return True
    return passage_likeness(target.name, f"{group.title} {at.page.title}") >= FITS


def _from_entry(at: Situation, record: Record, why: str) -> Decision:
    own = [element for element in (at.page.element(key) for key in record.element_ids) if element is not None]
    controls = [element for element in own if hands_out(element) and not _brought_nothing(at, element)]
    if controls:
        chosen = _best(at, controls)
        reasoning = f"The entry is the one that is meant: {why}. {chosen.name or chosen.role!r} hands out its file."
        return act(reasoning, _fetch(at, chosen, reasoning))
    opening = primary(at, record)
    if opening is not None and not at.tried(opening):
        reasoning = f"The entry is the one that is meant: {why}. Open it to look for the file."
        return act(reasoning, at.move("click", reasoning, opening, completes=False, explores=True))
    return _direct(at) or explore(
        at,
        at.intent.target.name,
        reason=f"The entry {record.text[:80]!r} is there, but it has nothing that hands out a file.",
    )


def _best(at: Situation, controls: list[Element]) -> Element:
    wanted = at.intent.text
    return max(
        controls,
        key=lambda element: (
            max(passage_likeness(element.name, wanted), likeness("download", element.name)),
            -len(element.name),
        ),
    )


def _direct(at: Situation) -> Decision | None:
    """A control of the page itself that hands out what is named, or the only one there is."""
    target = at.intent.target
    controls = [element for element in at.page.elements if hands_out(element) and not _brought_nothing(at, element)]
    if not controls:
        return None
    name = target.name if target.name.casefold() not in _VAGUE else ""
    scored: list[tuple[float, Element]] = []
    for element in controls:
        said = " ".join(
            (
                element.name,
                element.text,
                *element.labels[:1],
                PurePath(urlsplit(element.href).path).name.replace("-", " ").replace("_", " "),
            )
        )
        score = passage_likeness(name, said) if name else 0.0
        if score < 1 and name and element.context:
            score = max(score, 0.9 * passage_likeness(name, element.context))
        scored.append((score, element))
    best = max(scored, key=lambda entry: entry[0])
    about_page = bool(name) and any(
        passage_likeness(name, text) >= MOSTLY
        for text in (
            at.page.title,
            *(line.text for line in at.page.lines if line.kind == "heading" and line.level == 1),
        )
    )
    if best[0] >= FITS or (len(controls) == 1 and (not name or about_page)) or (not name and target.ordinal is None):
        reasoning = f"{best[1].name or best[1].role!r} hands out the file."
        return act(reasoning, _fetch(at, best[1], reasoning))
    return None


def _every(at: Situation) -> Decision:
    """Every file of its kind, page after page."""
    done = {deed.element_id for deed in at.deeds} | {deed.text for deed in at.deeds}
    controls = [
        element
        for element in at.page.elements
        if hands_out(element) and element.id not in done and (not element.href or element.href not in done)
    ]
    if controls and len(at.deeds) < _MOST:
        return act(
            f"{len(controls)} files are left on this page.",
            *(
                _fetch(at, element, "It is one of them.", completes=False)
                for element in controls[: _MOST - len(at.deeds)]
            ),
        )
    following = next_page_link(at)
    if at.worked and following is not None and following.href not in at.memory.visited and len(at.deeds) < _MOST:
        return act(
            "Go on to the next page.",
            at.move("click", "There may be more on the next page.", following, completes=False),
        )
    if at.worked:
        return skip("All of them were downloaded.")
    return explore(at, at.intent.target.name or "download", reason=not_found(at, at.intent.target.phrase))


def _brought_nothing(at: Situation, element: Element) -> bool:
    return any(deed.element_id == element.id and deed.action_type == "download_file" for deed in at.deeds)


def _fetch(at: Situation, element: Element, reasoning: str, *, completes: bool = True) -> Move:
    return at.move("download_file", reasoning, element, download=True, completes=completes, url=element.href or None)


def upload(at: Situation) -> Decision:
    """Give a file of the task to the page's file field."""
    wanted = at.intent.value
    failed = next((deed for deed in reversed(at.deeds) if deed.action_type == "upload_file" and not deed.ok), None)
    if failed is not None:
        return give_up(f"The file could not be given to the page: {failed.effect}.", failed.effect)
    address = address_in(wanted) if at.memory.fetches else ""
    files = (address,) if address else at.memory.files
    names = [PurePath(urlsplit(path).path if is_address(path) else path).name or "file" for path in files]
    if not names:
        return give_up(
            f"The prompt asks to upload {wanted!r}, but the task comes with no file. "
            "Give it with the task (file_ids), or name its address in the prompt."
        )
    best = max(range(len(names)), key=lambda index: likeness(wanted, names[index]))
    if likeness(wanted, names[best]) < FITS and len(names) > 1:
        return give_up(f"None of the task's files is {wanted!r}. It comes with: {', '.join(names)}.")
    fields = [element for element in at.page.elements if element.input_type == "file" or element.role == "file"]
    named = ground(at.intent.target, at.page, "upload", pool=fields).best if not at.intent.target.empty else None
    field = named.element if named is not None else fields[0] if fields else None
    if field is None:
        return explore(at, "upload file", reason=f"No field that takes a file was found on {at.page.title!r}.")
    reasoning = f"{field.name or 'The file field'!r} takes the file."
    return act(reasoning, at.move("upload_file", reasoning, field, values=(files[best],), text=names[best]))


def address_in(text: str) -> str:
    """Return the web address in a text, or nothing."""
    found = re.search(r"https?://[^\s\"'<>]+", text)
    return found[0].rstrip(".,;)") if found else ""


def is_address(text: str) -> bool:
    """Whether it is a web address rather than a path."""
    return text.startswith(("http://", "https://"))


def print_page(at: Situation) -> Decision:
    """Keep the page as PDF."""
    if at.worked:
        return skip("The page was saved as PDF.")
    return act("Save the page as PDF.", at.move("download_file", f"The prompt says {at.intent.text!r}.", text="pdf"))
