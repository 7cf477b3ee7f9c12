"""Verification of the API key that a request to the server carries."""

import base64
import binascii
import hmac
from collections.abc import Sequence


class Keys:
    """Checks the keys of requests: `Authorization: Bearer KEY`, or the password of a browser.

    Args:
        keys: The keys, of which a request needs one; none: requests need no key.

    Example:
        ```python
        Keys(["a-key-of-sixteen-letters"]).accept(b"Bearer a-key-of-sixteen-letters")
        ```
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def accept(self, authorization: bytes) -> bool:
        """Compare with every key, in constant time.

        Args:
            authorization: The `Authorization` header.

        Returns:
            Whether it has one of the keys.
        """
        key = _read_key(authorization)
        equal = [hmac.compare_digest(key, valid) for valid in self._keys]
        return not self._keys or any(equal)


def _read_key(authorization: bytes) -> bytes:
    """Return the key of an Authorization header; of a browser's user and password, the password."""
    scheme, _, value = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return value
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
