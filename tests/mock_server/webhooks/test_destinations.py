"""A webhook goes nowhere it must not go, whatever its host is called."""

from __future__ import annotations

import pytest

from mock_server.api.addresses import is_private
from mock_server.webhooks.destinations import BlockedHost, UnknownHost, addresses_of, look_up


class Names:
    """A name server that says what the test says, and counts."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.addresses


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "db.internal", "0.0.0.0"]
)
async def test_a_private_host_is_turned_down_before_it_is_looked_up(host: str):
    """Its name or address says enough; no name server is asked."""
    names = Names("93.184.215.14")
    with pytest.raises(BlockedHost):
        await addresses_of(host, 80, is_private, names)
    assert names.asked == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "192.168.0.7", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1"]
)
async def test_a_public_name_with_a_private_address_is_turned_down(address: str):
    """One private address among public ones is enough, as any of them could be connected to."""
    with pytest.raises(BlockedHost):
        await addresses_of("rebind.example.com", 443, is_private, Names("93.184.215.14", address))


async def test_a_public_name_gives_the_addresses_that_were_looked_at():
    """They are what is connected to, so that no second look-up can answer otherwise."""
    names = Names("93.184.215.14", "2606:2800:21f::1")
    assert await addresses_of("example.com", 443, is_private, names) == names.addresses


async def test_without_a_rule_private_hosts_are_let_in():
    """An offline tool sends to receivers on this machine."""
    assert await addresses_of("127.0.0.1", 80, None) == ["127.0.0.1"]
    assert await addresses_of("receiver", 80, None, Names("10.0.0.2")) == ["10.0.0.2"]


async def test_an_unknown_host_is_told_from_a_blocked_one():
    """No address, or a name server that fails, is an unknown host."""

    async def fails(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    for resolve in (Names(), fails):
        with pytest.raises(UnknownHost):
            await addresses_of("nope.invalid", 80, is_private, resolve)


async def test_the_machine_resolves_its_own_name():
    """The real look-up returns plain addresses."""
    assert set(await look_up("localhost", 80)) <= {"127.0.0.1", "::1"}
