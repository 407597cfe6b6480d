"""A disk that can fail, be full, stop in the middle of a write, and lose what was not synced: SQLite's own file layer, wrapped.

Everything SQLite does to a file goes through a table of functions, its VFS. A copy of the machine's own table is made the default,
with four of its functions replaced by Python; the rest stays as it is. So a COMMIT can be cut anywhere, which no statement hook can.
Only for processes that were forked for it: there is no way back.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
from collections.abc import Callable

import attrs

#: What SQLite is told: full disk, broken disk.
FULL, IO_ERROR = 13, 10

_FILE = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, _FILE, ctypes.c_int, ctypes.c_void_p)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("rest", ctypes.c_void_p * 13),
    ]


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_name", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("rest", ctypes.c_void_p * 14),
    ]


@attrs.define
class Call:
    """One thing SQLite asks of the disk."""

    kind: str
    """`write`, `truncate`, `sync` or `delete`"""
    path: str
    offset: int = 0
    data: bytes = b""
    """What is to be written."""
    carry_out: Callable[[bytes], int] = lambda _: 0
    """Writes these bytes instead; for a write that is torn."""


#: Sees every call before it happens: 0 lets it happen, another number is what SQLite is told instead.
Hook = Callable[[Call], int]

_kept: list[object] = []


def available() -> bool:
    """Whether the functions of SQLite can be reached from here."""
    file = getattr(_sqlite3, "__file__", None)
    return file is not None and hasattr(ctypes.CDLL(file), "sqlite3_vfs_register")


def install(hook: Hook) -> None:
    """From now on every database of this process lies on the wrapped disk."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    library.sqlite3_vfs_register.argtypes = [ctypes.POINTER(_Vfs), ctypes.c_int]
    real = library.sqlite3_vfs_find(None)
    paths: dict[int, str] = {}
    tables: dict[int, _Methods] = {}

    def wrapped(address: int) -> _Methods:
        """The functions of a kind of file, four of them ours."""
        if address not in tables:
            original = _Methods.from_address(address)
            own = _Methods()
            ctypes.memmove(ctypes.byref(own), address, ctypes.sizeof(_Methods))

            def write(file: int, data: int, size: int, offset: int) -> int:
                def carry_out(content: bytes) -> int:
                    return int(original.write(file, ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p), len(content), offset))

                content = ctypes.string_at(data, size)
                return hook(Call("write", paths[file], offset, content, carry_out)) or carry_out(content)

            def truncate(file: int, size: int) -> int:
                return hook(Call("truncate", paths[file], size)) or int(original.truncate(file, size))

            def sync(file: int, flags: int) -> int:
                return hook(Call("sync", paths[file])) or int(original.sync(file, flags))

            own.write, own.truncate, own.sync = _WRITE(write), _TRUNCATE(truncate), _SYNC(sync)
            tables[address] = own
        return tables[address]

    def opened(_vfs: int, name: int, file: int, flags: int, found: int) -> int:
        code = int(real.contents.open(ctypes.addressof(real.contents), name, file, flags, found))
        methods = ctypes.c_void_p.from_address(file)
        if code == 0 and methods.value:
            paths[file] = os.fsdecode(ctypes.string_at(name)) if name else ""
            methods.value = ctypes.addressof(wrapped(methods.value))
        return code

    def delete(_vfs: int, name: bytes, sync: int) -> int:
        return hook(Call("delete", os.fsdecode(name))) or int(real.contents.delete(ctypes.addressof(real.contents), name, sync))

    own = _Vfs()
    ctypes.memmove(ctypes.byref(own), real, ctypes.sizeof(_Vfs))
    own.name, own.open, own.delete, own.next = b"scn-test", _OPEN(opened), _DELETE(delete), None
    _kept.extend((own, tables))
    assert library.sqlite3_vfs_register(ctypes.byref(own), 1) == 0
