"""Files packed with gzip are read as if they were not."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import BinaryIO

#: What reading a damaged one raises.
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)

_GZIP = b"\x1f\x8b"


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream, or what is packed in it."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    return gzip.GzipFile(fileobj=buffered) if buffered.peek(2).startswith(_GZIP) else buffered  # type: ignore[return-value]
