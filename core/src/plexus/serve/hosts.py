"""The host names that a server answers to, and the pages that may use it."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:\[\]/@]+)(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"(https?)://([^\s/@]+)")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
MAX_CHARACTERS = 300
"""Of a `Host` header; a name has at most 253."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""


@dataclass(frozen=True)
class HostPolicy:
    """Says which `Host` and `Origin` headers are answered.

    A page of another site may point a name of its own to this machine (DNS rebinding): a browser then takes the server
    for a part of that site. A server of this machine therefore answers to the names of this machine alone. One of other
    machines answers to addresses and to names without a dot, which nobody can register, and with keys to any name.

    Args:
        host: Address or name that the server listens on.
        with_keys: Whether requests need a key.

    Example:
        ```python
        HostPolicy("127.0.0.1", with_keys=False).allows("evil.example:8000")  # False
        ```
    """

    host: str
    with_keys: bool

    def allows(self, header: str) -> bool:
        """Return whether requests with a `Host` header are answered.

        Args:
            header: The header.

        Returns:
            Whether they are.
        """
        return len(header) < MAX_CHARACTERS and _allows(self, header)

    def without_foreign_addresses(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Remove headers that name an address of the server, as a proxy does, unless it answers to that name.

        Gradio writes the address into its pages.

        Args:
            headers: The headers of a request.

        Returns:
            The others.
        """
        return [(name, value) for name, value in headers if not self._is_foreign_address(name.lower(), value)]

    def _is_foreign_address(self, name: bytes, value: bytes) -> bool:
        first = value.partition(b",")[0].strip().decode("latin-1")
        return name == b"x-gradio-server" or (name == b"x-forwarded-host" and not self.allows(first))

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the server."""
        address = _address(self.host)
        return self.host == "localhost" or (address is not None and address.is_loopback)


@lru_cache(256)
def _allows(policy: HostPolicy, header: str) -> bool:
    match = _HOST.fullmatch(header.lower())
    if match is None:
        return False
    name = match[1].strip("[]").removesuffix(".")
    if name == policy.host.lower() or name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if policy.is_local:
        return address is not None and address.is_loopback
    return policy.with_keys or address is not None or "." not in name or name == socket.gethostname().lower()


def is_same_origin(origin: str, host: str) -> bool:
    """Return whether a request was sent by a page of this server.

    Args:
        origin: The `Origin` header.
        host: The `Host` header.

    Returns:
        Whether they name the same place; the scheme may differ, as behind a proxy.
    """
    match = _ORIGIN.fullmatch(origin.lower())
    if match is None:
        return False
    port = _DEFAULT_PORTS[match[1]]
    return match[2].removesuffix(port) == host.lower().removesuffix(port)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
