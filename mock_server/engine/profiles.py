"""Browser profiles: logins under a name, for runs and sessions to begin with.

Owns: which profiles there are and what they are made of. Must not: know HTTP or browsers.
"""

from __future__ import annotations

from typing import Any

from mock_server.engine.session_record import PROFILE, ProfileRecord, profile_of, to_resource
from mock_server.engine.states import State, States
from mock_server.store.store import Store
from mock_server.tenancy import Owners


class ProfileUnknown(Exception):  # noqa: N818  # what a look-up found
    """The organization has no such profile."""

    def __init__(self, profile_id: str, organization_id: str) -> None:
        super().__init__(f"Browser profile {profile_id} not found for organization {organization_id}")


class ProfileNameTaken(Exception):  # noqa: N818  # as above
    """Another profile of the organization has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a browser profile named {name!r} already. Choose another name, or delete that one.")


class Profiles:
    """The profiles of every organization."""

    def __init__(self, store: Store, owners: Owners, states: States) -> None:
        self._store = store
        self._owners = owners
        self._states = states

    def create(
        self, organization_id: str, request: dict[str, Any], state: State, *, source_browser_type: str | None = None
    ) -> ProfileRecord:
        """Make a profile that begins with ``state``.

        ``request`` holds name, description, proxy_location and proxy_session_id.

        Raises:
            ProfileNameTaken: The name is in use.
            OSError: It cannot be written.
            StoreError: It cannot be stored.
        """
        self._check_name(organization_id, request["name"])
        owner = self._owners.of(organization_id)
        now = owner.clock.now()
        profile = ProfileRecord(
            profile_id=owner.ids.new("bp"),
            organization_id=organization_id,
            created_at=now,
            modified_at=now,
            name=request["name"],
            description=request.get("description"),
            source_browser_type=source_browser_type,
            proxy_location=request.get("proxy_location"),
            proxy_session_id=request.get("proxy_session_id"),
        )
        self._states.write(profile.profile_id, state)
        self._store.put_resource(to_resource(profile))
        return profile

    def get(self, organization_id: str, profile_id: str) -> ProfileRecord:
        """Return a profile that was not deleted.

        Raises:
            ProfileUnknown: There is none.
        """
        found = self._store.resource(organization_id, PROFILE, profile_id)
        if found is None or (profile := profile_of(found)).deleted_at is not None:
            raise ProfileUnknown(profile_id, organization_id)
        return profile

    def search(self, organization_id: str, *, deleted: bool = False, text: str | None = None) -> list[ProfileRecord]:
        """Return the profiles, newest first, with the ``deleted`` ones or without; ``text`` is part of the name."""
        found = [profile_of(resource) for resource in self._store.resources(organization_id, PROFILE)]
        wanted = (text or "").casefold()
        return [
            profile
            for profile in reversed(found)
            if (deleted or profile.deleted_at is None)
            and (wanted in profile.name.casefold() or wanted in (profile.description or "").casefold())
        ]

    def update(self, organization_id: str, profile_id: str, changes: dict[str, Any], *, rotate: bool) -> ProfileRecord:
        """Change name, description, proxy_location or proxy_session_id; ``rotate`` makes a new proxy_session_id.

        Raises:
            ProfileUnknown: There is none.
            ProfileNameTaken: The name is another profile's.
        """
        profile = self.get(organization_id, profile_id)
        if changes.get("name") is None:
            changes = {name: value for name, value in changes.items() if name != "name"}
        elif changes["name"] != profile.name:
            self._check_name(organization_id, changes["name"])
        owner = self._owners.of(organization_id)
        if rotate:
            changes = {**changes, "proxy_session_id": owner.ids.new("bp").removeprefix("bp_")}
        for name, value in changes.items():
            setattr(profile, name, value)
        profile.modified_at = owner.clock.now()
        self._store.put_resource(to_resource(profile))
        return profile

    def delete(self, organization_id: str, profile_id: str) -> None:
        """Delete a profile and what it holds; its row stays, to be listed as deleted.

        Raises:
            ProfileUnknown: There is none.
        """
        profile = self.get(organization_id, profile_id)
        profile.deleted_at = profile.modified_at = self._owners.of(organization_id).clock.now()
        self._store.put_resource(to_resource(profile))
        self._states.forget(profile_id)

    def drop(self, organization_id: str) -> None:
        """Remove every profile of an organization, and every trace of it."""
        for resource in self._store.resources(organization_id, PROFILE):
            self._store.delete_resource(organization_id, PROFILE, resource.resource_id)
            self._states.forget(resource.resource_id)

    def _check_name(self, organization_id: str, name: str) -> None:
        if any(profile.name == name for profile in self.search(organization_id)):
            raise ProfileNameTaken(name)
