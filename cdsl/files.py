"""Specs and modules on disk: read with a diagnostic for whatever is wrong, written whole or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import tempfile
from pathlib import Path

from cdsl.diagnostics import Diagnostic
from cdsl.limits import LONGEST_TEXT
from cdsl.names import class_name
from cdsl.source import Source

MOST_READ = len(codecs.BOM_UTF8) + LONGEST_TEXT + 1
"""Bytes of a file or a stream: one more than a spec may have."""


def read_spec(path: Path, data: bytes | None = None) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a spec file, or of data read elsewhere under this name; empty where it cannot be read.

    The name in messages is the path as given; the text is without a byte order mark.
    """
    try:
        data = read_file(path) if data is None else data
        if len(data.removeprefix(codecs.BOM_UTF8)) > LONGEST_TEXT:
            message = f"a spec has at most {LONGEST_TEXT} bytes, this has more"
            return Source("", str(path)), (Diagnostic(code="E005", message=message),)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}"
        return Source("", str(path)), (Diagnostic(code="E001", message=message, help="save the file as UTF-8"),)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Source("", str(path)), (Diagnostic(code="E002", message=f"cannot read the spec: {reason}"),)
    return Source(text, str(path)), ()


def read_file(path: Path) -> bytes:
    """The bytes of a file, no more of them than tell that there are too many.

    Raises:
        OSError: it cannot be read, or it is none: a pipe would keep its reader waiting, a device may never end.
        ValueError: no file has such a name.
    """
    require_file(path.stat())
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        require_file(os.fstat(file.fileno()))  # what has this name may be another by now
        return file.read(MOST_READ)


def require_file(status: os.stat_result) -> None:
    """That something is a regular file.

    Raises:
        OSError: it is a directory, a device or a pipe.
    """
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file; `-` reads a stream")


def real(path: Path) -> Path:
    """Where a path leads, whatever links there are; one that leads round in a circle is left there."""
    return Path(os.path.realpath(path))


def class_of(path: Path) -> str | Diagnostic:
    """The class of a file's own model, from the file's name."""
    name = class_name(path.stem)
    if name is not None:
        return name
    message = f"`{path.stem}` is no identifier, so it names no class"
    return Diagnostic(code="E003", message=message, help="rename the file, or name the class with `--name MyModel`")


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file by this text or these bytes: a reader sees the old file or the new one, and a failure leaves the old one.

    Raises:
        OSError: it could not be written.
        UnicodeEncodeError: a text that UTF-8 cannot hold.
    """
    data = content.encode() if isinstance(content, str) else content
    path = real(path)  # a link stays, and what it points to is replaced
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(beside)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode_of(path))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def mode_of(path: Path) -> int:
    """The permissions that a file has, or that a new one gets."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
