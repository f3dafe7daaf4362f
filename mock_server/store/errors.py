"""What can go wrong with the store.

Owns: its exceptions; each message says what to do next.
"""

from __future__ import annotations


class StoreError(Exception):
    """The store could not be read or written."""


class StoreTooNewError(StoreError):
    """The store was written by a newer release."""
