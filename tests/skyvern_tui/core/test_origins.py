"""Claims about what the artifacts of a run are called: by their action, their block, the file a site named."""

from __future__ import annotations

from skyvern_tui.core.journal import ArtifactsSeen, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.origins import Origins
from skyvern_tui.core.shelf import Group, Item, Shelf
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_action, an_artifact, at

CLICK = an_action(
    1,
    when=3,
    skyvern_element_data={"name": "Add \x1b[31mto cart"},
    screenshot_artifact_id="a_1",
)
TYPED = an_action(2, when=4, action_type="input_text", screenshot_artifact_id="a_2")
FILE = {"url": "http://x/1", "filename": "invoice\u202efdp.exe", "artifact_id": "a_5", "checksum": "c", "file_size": 1}


def shop():
    """Return a journal of a run that clicked, typed, downloaded and thought."""
    journal = Journal()
    journal.apply(RunSeen(a_run(downloaded_files=[FILE])))
    journal.apply(
        TimelineSeen([a_block(1, when=2, navigation_goal="Buy a cup", actions=[CLICK, TYPED]), a_thought(1, when=1)])
    )
    block = {"workflow_run_block_id": "wrb_1"}
    journal.apply(
        ArtifactsSeen(
            [
                an_artifact(1, when=3.1, **block),
                an_artifact(11, "html_action", when=3.2, **block),
                an_artifact(2, when=4.1, **block),
                an_artifact(12, "html_action", when=4.2, **block),
                an_artifact(13, "html_action", when=9, **block),
                an_artifact(5, "download", when=5, **block),
                an_artifact(6, "llm_prompt", when=1, step_id=None, observer_thought_id="ot_1"),
                an_artifact(7, "recording", when=9, step_id=None),
            ]
        )
    )
    return journal


def named(rows):
    """Return the names of the artifacts by their ids."""
    return {row.fact.id: row.name for row in rows if isinstance(row, Item)}


def test_artifacts_of_one_type_are_told_apart_by_their_action():
    """A screenshot names the action it is linked with, the page stored with it the same, what came later nothing."""
    journal = shop()
    names = named(Shelf(journal.artifacts, Origins(journal)).rows())
    assert names["a_1"] == names["a_11"] == "#1 click “Add ␛[31mto cart”"
    assert names["a_2"] == names["a_12"] == "#2 input text"
    assert names["a_13"] == "#3"
    assert names["a_6"] == "llm prompt plan"
    assert names["a_7"] == "recording"


def test_a_download_is_called_by_its_file():
    """The name a file was downloaded under is shown safely, and is what it is saved as."""
    journal = shop()
    origins = Origins(journal)
    fact = next(one for one in journal.artifacts if one.id == "a_5")
    assert named(Shelf(journal.artifacts, origins).rows())["a_5"] == "download invoice⟨RLO⟩fdp.exe"
    assert origins.file_name(fact) == FILE["filename"]
    others = {one.id: one for one in journal.artifacts if one.id != "a_5"}
    assert all(origins.file_name(one) == one.name for one in others.values())


def test_steps_are_told_apart_by_their_block():
    """By step, the group says what it was for, and an artifact what it is and of which action."""
    journal = shop()
    rows = Shelf(journal.artifacts, Origins(journal), by_step=True).rows()
    groups = [row.name for row in rows if isinstance(row, Group)]
    assert groups == ["the whole run", "step 1  plan", "step 2  navigation: Buy a cup"]
    names = named(rows)
    assert names["a_1"] == "screenshot action click “Add ␛[31mto cart”"
    assert names["a_13"] == "html action 3"


def test_names_follow_the_journal():
    """An action that is told of after its screenshot names it all the same."""
    journal = Journal()
    journal.apply(ArtifactsSeen([an_artifact(1, when=3.1)]))
    origins = Origins(journal)
    before = origins.version
    assert origins.words_of(journal.artifacts[0]) == ""
    journal.apply(TimelineSeen([a_block(1, when=2, actions=[CLICK], created_at=at(2))]))
    assert origins.version != before
    assert origins.words_of(journal.artifacts[0]) == "click “Add ␛[31mto cart”"
