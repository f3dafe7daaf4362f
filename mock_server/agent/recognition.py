"""Which entry of the page's lists and tables is meant.

Owns: finding records by what they say, by position and by superlative, over all groups of a
page. Must not: choose elements (``grounding``), or compare values (``ranking``).
"""

from __future__ import annotations

from mock_server.agent.goal import Target
from mock_server.agent.lexicon import contains, passage_likeness, words
from mock_server.agent.observation import Observation, Record, RecordGroup
from mock_server.agent.ranking import choose_record


def find_record(phrase: str, observation: Observation) -> tuple[RecordGroup, Record] | None:
    """Return the one record that says ``phrase``: by how much of it, then by how little else."""
    return next(iter(find_records(phrase, observation)), None)


def find_records(phrase: str, observation: Observation) -> list[tuple[RecordGroup, Record]]:
    """Return the records that say ``phrase``, the best first; those nothing can be done with come last."""
    found: list[tuple[float, bool, int, RecordGroup, Record]] = []
    for group in observation.groups:
        for record in group.records:
            score = 1.0 if contains(record.text, phrase) else passage_likeness(phrase, record.text)
            if score >= _needed(phrase):
                found.append((-round(score, 3), not record.element_ids, len(record.text), group, record))
    shortest = {id(entry[3]): min(other[2] for other in found if other[3] is entry[3]) for entry in found}
    found.sort(key=lambda entry: (entry[0], entry[1], shortest[id(entry[3])]))  # of one list the first
    return [(group, record) for *_, group, record in found]


def _needed(phrase: str) -> float:
    """A long description need not be found in full: *Kara-Lynn in the contact book*."""
    return 0.99 if len(words(phrase)) == 1 else 0.5


def ground_record(target: Target, observation: Observation) -> tuple[RecordGroup, Record, str] | None:
    """Return the record ``target`` means: by its words, its position or its superlative; None when there is none."""
    groups = [group for group in observation.groups if group.records]
    if not groups:
        return None
    if target.extreme is not None or target.ordinal is not None or target.every:
        ranked = sorted(groups, key=lambda group: -_group_fit(target, group))
        for group in ranked:
            if _group_fit(target, group) <= 0:
                break
            found = choose_record(target, group)
            if found is not None:
                return group, found[0], found[1]
        return None
    name = target.name or target.phrase
    found_record = find_record(name, observation) if name else None
    if found_record is None:
        return None
    return found_record[0], found_record[1], f"it says {name!r}"


def _group_fit(target: Target, group: RecordGroup) -> float:
    """How likely the target's noun names the entries of this group."""
    score = min(group.area, 0.6) + (0.25 if group.region in ("main", "") else 0.0)
    if group.region in ("navigation", "contentinfo", "banner"):
        score -= 0.5
    if target.name:
        said = " ".join((group.title, *group.header, group.records[0].text[:200]))
        score += 0.6 * passage_likeness(target.name, said)
    if group.kind == "table":
        score += 0.1
    return score
