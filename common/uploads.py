"""Takes uploads that are too large for memory. A file that cannot be finished is thrown away at
once: Django leaves that to whoever forgets the request, and a full disk would stay full."""

from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class TidyUploadHandler(TemporaryFileUploadHandler):
    file: TemporaryUploadedFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Raises OSError where the disk is full, with nothing left behind."""
        try:
            self.file.write(raw_data)
        except OSError:
            self._throw_away()
            raise

    def file_complete(self, file_size: int) -> Any:
        try:
            return super().file_complete(file_size)
        except OSError:  # its last part did not fit
            self._throw_away()
            raise

    def _throw_away(self) -> None:
        """Closing it deletes it, though its last part cannot be written either."""
        with suppress(OSError):
            self.file.close()
