"""Links to artifact content that work without an API key until they expire.

Owns: the signature, HMAC-SHA256 over ``GET``, path, expiry and key id, one per line, as
URL-safe base64 without padding; and the server's own secret for it. Must not: serve
content or know organizations.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from calendar import timegm
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from mock_server.clock import Clock

VALIDITY_SECONDS: Final = 12 * 3600
SHORT_VALIDITY_SECONDS: Final = 3600
"""For screenshots and recordings."""

_SECRET_BYTES: Final = 32


def load_secret(path: Path) -> bytes:
    """Return the secret kept in ``path``, made on first use and readable by its owner only.

    Raises:
        OSError: The file cannot be read or created.
    """
    if path.exists() and len(secret := path.read_bytes()) >= _SECRET_BYTES:
        return secret
    secret = secrets.token_bytes(_SECRET_BYTES)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)
    part.write_bytes(secret)
    part.replace(path)
    return secret


class UrlSigner:
    """Makes and checks links to artifact content."""

    def __init__(self, base_url: str, secret: bytes, clock: Clock) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._clock = clock
        self.key_id: Final = sha256(b"kid\0" + secret).hexdigest()[:8]

    def signed_url(
        self, artifact_id: str, artifact_type: str = "", *, seconds: int | None = None, clock: Clock | None = None
    ) -> str:
        """Return a link to the content, valid for ``seconds`` (default: by artifact type) of ``clock``'s time."""
        if seconds is None:
            short = artifact_type == "recording" or artifact_type.startswith("screenshot")
            seconds = SHORT_VALIDITY_SECONDS if short else VALIDITY_SECONDS
        expiry = str(_seconds(clock or self._clock) + seconds)
        path = self.content_path(artifact_id)
        query = urlencode({"expiry": expiry, "kid": self.key_id, "sig": self._signature(path, expiry)})
        return f"{self._base_url}{path}?{query}"

    def verify(self, artifact_id: str, *, expiry: str, kid: str, sig: str, clock: Clock | None = None) -> int | None:
        """Return the seconds the link is still good for by ``clock``, or None if it is forged or expired."""
        expected = self._signature(self.content_path(artifact_id), expiry)
        genuine = hmac.compare_digest(sig.encode(), expected.encode())
        if not genuine or kid != self.key_id:
            return None
        # Only what was signed here gets this far, so expiry is a number.
        remaining = int(expiry) - _seconds(clock or self._clock)
        return remaining if remaining > 0 else None

    def key_for(self, purpose: str) -> bytes:
        """Return a secret made from this one, so that what is signed for one purpose is worth nothing for another."""
        return hmac.new(self._secret, b"purpose\0" + purpose.encode(), sha256).digest()

    @staticmethod
    def content_path(artifact_id: str) -> str:
        """Return the path that is signed and served."""
        return f"/v1/artifacts/{artifact_id}/content"

    def _signature(self, path: str, expiry: str) -> str:
        message = f"GET\n{path}\n{expiry}\n{self.key_id}"
        digest = hmac.new(self._secret, message.encode(), sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _seconds(clock: Clock) -> int:
    return timegm(clock.now().timetuple())
