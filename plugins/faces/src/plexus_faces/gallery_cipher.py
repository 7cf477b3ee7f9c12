"""Encryption of galleries by a passphrase: scrypt (RFC 7914) and AES-256-GCM (NIST SP 800-38D)."""

import os
import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCRYPT_LOG2_N = 17
"""Cost of a new key: 128 MiB of memory and some tenths of a second."""
_R = 8
_SALT, _NONCE = 16, 12


class CipherHeader(BaseModel):
    """Parameters of the encryption, with bounds: deriving a key takes at most 256 MiB.

    Attributes:
        method: Key derivation and cipher.
        log2_n: Logarithm of scrypt's cost N; r is 8 and p is 1.
        salt: Salt of the key, hexadecimal.
        nonce: Nonce of the cipher, hexadecimal.

    Example:
        ```python
        header = CipherHeader.create()
        sealed = header.encrypt(b"content", "passphrase", b"header")
        ```
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    method: Literal["scrypt+aes-256-gcm"] = "scrypt+aes-256-gcm"
    log2_n: Annotated[int, Field(ge=14, le=18)]
    salt: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * _SALT}}}$")]
    nonce: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * _NONCE}}}$")]

    @classmethod
    def create(cls) -> "CipherHeader":
        """Return parameters with a new salt and nonce.

        Returns:
            The parameters.
        """
        return cls(log2_n=SCRYPT_LOG2_N, salt=os.urandom(_SALT).hex(), nonce=os.urandom(_NONCE).hex())

    def encrypt(self, content: bytes, passphrase: str, header: bytes) -> bytes:
        """Encrypt and authenticate a content; use each nonce once.

        Args:
            content: The content.
            passphrase: The passphrase; Unicode is normalized (NFC).
            header: Authenticated with the content, not encrypted.

        Returns:
            The ciphertext, 16 bytes longer.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key(passphrase)).encrypt(bytes.fromhex(self.nonce), content, header)

    def decrypt(self, content: bytes, passphrase: str, header: bytes) -> bytes | None:
        """Decrypt a content.

        Args:
            content: The ciphertext.
            passphrase: The passphrase.
            header: The header that it was authenticated with.

        Returns:
            The content; None if the passphrase is another one, or a byte was changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key(passphrase)).decrypt(bytes.fromhex(self.nonce), content, header)
        except InvalidTag:
            return None

    def _key(self, passphrase: str) -> bytes:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        secret = unicodedata.normalize("NFC", passphrase).encode(errors="surrogateescape")
        return Scrypt(bytes.fromhex(self.salt), length=32, n=2**self.log2_n, r=_R, p=1).derive(secret)
