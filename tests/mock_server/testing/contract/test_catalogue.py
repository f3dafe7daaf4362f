"""The cases are what they say they are."""

from __future__ import annotations

import httpx
import pytest

from mock_server.testing.contract.catalogue import CASES, chosen


def test_names_are_unique_and_grouped():
    """A report can be compared with an earlier one by the names of its cases, and groups stand together."""
    names = [case.id for case in CASES]
    assert len(set(names)) == len(names)
    groups = [case.group for case in CASES]
    assert list(dict.fromkeys(groups)) == [group for at, group in enumerate(groups) if groups[at - 1 : at] != [group]]


@pytest.mark.parametrize("case", [case for case in CASES if case.do != "verify_webhook"], ids=lambda case: case.id)
def test_the_mock_takes_every_script_and_fault(case, address):
    """No case is put to a client that the mock cannot play."""
    with httpx.Client(base_url=address, headers={"x-api-key": f"catalogue-{case.id}"}, trust_env=False) as control:
        script = control.post("/_mock/scripts", json=case.script)
        assert script.is_success, script.text
        faults = control.post("/_mock/faults", json=list(case.faults))
        assert faults.is_success, faults.text


def test_choosing():
    """Patterns choose by name, and one that fits nothing is told with what there is."""
    assert {case.group for case in chosen(["webhooks.*"])} == {"webhooks"}
    assert chosen([]) == CASES
    with pytest.raises(ValueError, match=r"No case is called polling\.999.*polling\.\*"):
        chosen(["polling.999"])
