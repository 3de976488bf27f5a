"""Specs and modules on disk: read with a diagnostic for whatever is wrong, written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import secrets
import stat
from pathlib import Path

from cdsl.diagnostics import Diagnostic
from cdsl.limits import LONGEST_TEXT
from cdsl.names import class_name
from cdsl.source import Source

LEFTOVER = re.compile(r"\.cdsl-[0-9a-f]{16}\.tmp")
"""What is being written beside a file, or was when a writer was killed."""
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

    So does a kill; what it leaves beside the file goes with the next file that is written there. Of a hard link the other
    names keep the old file.

    Raises:
        OSError: it could not be written, is read-only, or is no file.
        UnicodeEncodeError: a text that UTF-8 cannot hold.
    """
    data = content.encode() if isinstance(content, str) else content
    given, path = path, real(path)  # a link stays, and what it points to is replaced
    refuse_target(path)
    remove_leftovers(path.parent)
    try:
        temporary, handle = begin(path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(given)) from None  # named is what was asked for
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode_of(path))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)  # while it is locked
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def refuse_target(path: Path) -> None:
    """Hold what is there against being replaced: a device, a pipe or a directory is no file, and what is read-only is meant to stay.

    Raises:
        OSError: it is not to be replaced.
    """
    if path.is_symlink():  # that of a link to a file was followed
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only", str(path))


def begin(folder: Path) -> tuple[Path, int]:
    """A new file in a folder, locked while it is open: one that is not locked was left by a process that is gone."""
    while True:
        temporary = folder / f".cdsl-{secrets.token_hex(8)}.tmp"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        lock(handle)
        if os.fstat(handle).st_nlink or temporary.exists():  # some file systems do not count names
            return temporary, handle
        os.close(handle)  # it was taken for left before it was locked


def remove_leftovers(folder: Path) -> None:
    """Remove what writers left who were killed; a link or a pipe of such a name is of somebody else, and would be waited for."""
    with contextlib.suppress(OSError):  # what cannot be removed stays
        named = [one for one in os.scandir(folder) if LEFTOVER.fullmatch(one.name)]
        for one in [Path(one) for one in named if one.is_file(follow_symlinks=False)]:
            with contextlib.suppress(OSError), one.open("rb") as file:
                if lock(file.fileno(), wait=False):
                    one.unlink()


def lock(handle: int, *, wait: bool = True) -> bool:
    """Lock an open file for the one who has it, until it is closed; False where it is locked, or cannot be."""
    try:
        import fcntl  # noqa: PLC0415  there is none on Windows

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError):
        return False
    return True


def mode_of(path: Path) -> int:
    """The permissions that a file has, or that a new one gets."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
