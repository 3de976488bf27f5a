"""Specs and modules on disk: read with a diagnostic for whatever is wrong, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cdsl.diagnostics import Diagnostic
from cdsl.names import class_name
from cdsl.source import Source


def read_spec(path: Path, data: bytes | None = None) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a spec file, or of data read elsewhere under this name; empty where it cannot be read.

    The name in messages is the path as given; the text is without a byte order mark.
    """
    try:
        text = (path.read_bytes() if data is None else data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}"
        return Source("", str(path)), (Diagnostic(code="E001", message=message, help="save the file as UTF-8"),)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Source("", str(path)), (Diagnostic(code="E002", message=f"cannot read the spec: {reason}"),)
    return Source(text, str(path)), ()


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
    given, path = path, path.resolve()  # a link stays, and what it points to is replaced
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(given)) from None  # named is what was asked for
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
