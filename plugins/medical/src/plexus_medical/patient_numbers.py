"""Numbers that stand for patients."""

import secrets
from pathlib import Path

from plexus_medical.dicom import hash_identifier, is_dicom, patient_digest


class PatientNumbers:
    """Numbers patients while data is read, in the order of their first image.

    Only keyed hashes of identifiers are in memory; the key is random and never leaves the object.

    Attributes:
        has_named: Whether a patient was named, by a table or a DICOM file.

    Example:
        ```python
        patients = PatientNumbers()
        [patients.number("A7"), patients.new(), patients.number("A7")]  # [0, 1, 0]
        ```
    """

    def __init__(self) -> None:
        self._salt, self._numbers, self._count = secrets.token_bytes(32), dict[bytes, int](), 0
        self.has_named = False

    def number(self, identifier: str) -> int:
        """Return the number of a patient.

        Args:
            identifier: The identifier, as a table names it.

        Returns:
            The number, from 0; a new one at its first call with this identifier.
        """
        return self._number(hash_identifier(identifier, self._salt))

    def digest_of_file(self, file: Path) -> bytes | None:
        """Return the hash of the Patient ID of a DICOM file; it may be called in threads.

        Args:
            file: An image.

        Returns:
            The hash; None for other files and for files without a Patient ID.

        Raises:
            InputError: If a DICOM file cannot be read.
        """
        return patient_digest(file, self._salt) if is_dicom(file) else None

    def number_of_digest(self, digest: bytes | None) -> int:
        """Return the number of the patient of a file.

        Args:
            digest: The result of `digest_of_file`.

        Returns:
            The number; a new one for None.
        """
        return self.new() if digest is None else self._number(digest)

    def new(self) -> int:
        """Return the number of a patient who has one image only.

        Returns:
            A new number.
        """
        self._count += 1
        return self._count - 1

    def _number(self, digest: bytes) -> int:
        self.has_named = True
        if digest not in self._numbers:
            self._numbers[digest] = self.new()
        return self._numbers[digest]
