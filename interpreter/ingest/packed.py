"""Files packed with gzip are read as if they were not."""

from __future__ import annotations

import gzip
import zlib
from typing import BinaryIO

from interpreter.ingest.beginnings import GZIP
from interpreter.ingest.beginnings import buffered

#: What reading a damaged one raises.
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream, or what is packed in it."""
    opened = buffered(stream)
    return gzip.GzipFile(fileobj=opened) if opened.peek(2).startswith(GZIP) else opened  # type: ignore[return-value]
