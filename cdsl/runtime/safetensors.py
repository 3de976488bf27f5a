"""Files of the safetensors format: the length of a header in 8 bytes, the header as JSON, the bytes of the tensors.

Written with a checksum of the header and of all bytes, whole or not at all. What is read is held against the format before
anything of the sizes that it tells is made: its tensors fill the file, in order, without a hole. Nothing in a file is run.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import BufferedReader, BufferedWriter
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cdsl.runtime.errors import CheckpointError

MOST_HEADER = 100_000_000
"""Bytes of a header, as the format says."""
MOST_AXES = 64
"""Of a tensor, with which torch does everything."""
MOST_ENTRIES = 2**59
"""Of a tensor, so that its bytes can be counted."""
OURS = "cdsl."
"""What the names of our metadata begin with; a file that has some has a checksum among them."""
CHECKSUM = f"{OURS}sha256"
"""Under which a file has the checksum of everything else."""
ABOUT = "__metadata__"
PART = re.compile(r"\.cdsl-[0-9a-f]{16}\.tmp")
"""What is being written beside a file, or was when a writer was killed."""

CODES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.complex64: "C64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint64: "U64",
    torch.uint32: "U32",
    torch.uint16: "U16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
OF_CODE = {code: dtype for dtype, code in CODES.items()}


class TensorEntry(NamedTuple):
    """A tensor as a header has it."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


class TensorFile(NamedTuple):
    """What a file holds; the metadata without the checksum, which was held against the file where it is there."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]


# -- written ------------------------------------------------------------------------------------------------------------


def packed_safetensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> list[bytes | memoryview]:
    """The parts of a file, in order; they share memory with tensors on CPU.

    Raises:
        CheckpointError: a tensor that a file cannot hold.
    """
    refuse_byte_order()
    held = {name: storable(name, tensor) for name, tensor in tensors.items()}
    # the large numbers first, so that each tensor begins at a multiple of the size of its own
    ordered = sorted(held.items(), key=lambda pair: -pair[1].element_size())
    pieces = [bytes_of(tensor) for _, tensor in ordered]
    header: dict[str, Any] = {}
    end = 0
    for (name, tensor), piece in zip(ordered, pieces, strict=True):
        begin, end = end, end + piece.nbytes
        header[name] = {"dtype": CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    about = {**metadata, CHECKSUM: checksum(header, metadata, pieces)}
    text = json.dumps({ABOUT: about, **header}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MOST_HEADER:
        raise CheckpointError(f"the header has {len(text)} bytes, more than the {MOST_HEADER} of the format")
    return [len(text).to_bytes(8, "little"), text, *pieces]


def storable(name: str, tensor: Any) -> Tensor:
    """A tensor on CPU, contiguous, without graph.

    Raises:
        CheckpointError: it is none, has no data, is sharded, or of a dtype that the format does not have.
    """
    if not isinstance(tensor, Tensor):
        raise CheckpointError(f"`{name}` is a {type(tensor).__name__}, expected a tensor")
    plain = tensor.detach()
    if type(plain) is not Tensor:
        raise CheckpointError(f"`{name}` is a {type(plain).__name__}, expected a plain tensor: gather it first")
    if plain.is_meta:
        raise CheckpointError(f"`{name}` is on the meta device and has no data")
    if plain.layout is not torch.strided or plain.dtype not in CODES:
        kind = plain.dtype if plain.layout is torch.strided else plain.layout
        raise CheckpointError(f"`{name}` is a tensor of {kind}, which the format does not have")
    return plain.cpu().contiguous().resolve_conj().resolve_neg()


def bytes_of(tensor: Tensor) -> memoryview:
    """The memory of a contiguous tensor on CPU, which lives as long as the view."""
    size = tensor.numel() * tensor.element_size()
    if not size:
        return memoryview(b"")
    memory = (ctypes.c_char * size).from_address(tensor.data_ptr())
    memory.owner = tensor  # type: ignore[attr-defined]  # an attribute of our own
    return memoryview(memory)


def checksum(header: Mapping[str, Any], metadata: Mapping[str, str], pieces: Iterable[Any]) -> str:
    """SHA-256 of all that a file says."""
    digest = hashlib.sha256(json.dumps([metadata, header], sort_keys=True).encode())
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def write_parts(path: Path, parts: Sequence[bytes | memoryview]) -> None:
    """Replace a file by these bytes: a reader sees the old file or the new one, and a failure leaves the old one.

    So does a kill; what it leaves beside the file goes with the next file that is written there. Of a hard link the other
    names keep the old file.

    Raises:
        OSError: it could not be written, or is read-only.
        CheckpointError: what is there is no file.
    """
    given, path = path, Path(os.path.realpath(path))  # a link stays, and what it points to is replaced
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise CheckpointError(f"{path}: expected a file or nothing there, found something else")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only", str(path))
    remove_left(path.parent)
    try:
        temporary, file = new_part(path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(given)) from None  # named is what was asked for
    try:
        with file:
            if path.exists():
                temporary.chmod(path.stat().st_mode & 0o777)  # before there is anything to read in it
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            if os.name == "nt":
                file.close()  # what is open there has no other name
            temporary.replace(path)  # while it is locked
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # the file is whole; some systems have no directories to sync
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def new_part(folder: Path) -> tuple[Path, BufferedWriter]:
    """A new file in a folder, locked while it is open: one that is not locked was left by a process that is gone."""
    while True:
        temporary = folder / f".cdsl-{secrets.token_hex(8)}.tmp"
        file = temporary.open("xb")
        take(file)
        if os.fstat(file.fileno()).st_nlink or temporary.exists():  # some file systems do not count names
            return temporary, file
        file.close()  # it was taken for left before it was locked


def remove_left(folder: Path) -> None:
    """Remove what writers left who were killed; a link or a pipe of such a name is of somebody else, and would be waited for."""
    with contextlib.suppress(OSError):  # what cannot be removed stays
        parts = [one for one in os.scandir(folder) if PART.fullmatch(one.name)]
        for one in [Path(one) for one in parts if one.is_file(follow_symlinks=False)]:
            with contextlib.suppress(OSError), one.open("rb") as file:
                if take(file, wait=False):
                    one.unlink()


def take(file: BufferedReader | BufferedWriter, *, wait: bool = True) -> bool:
    """Lock an open file for the one who has it, until it is closed; False where it is locked, or cannot be."""
    try:
        import fcntl  # noqa: PLC0415  there is none on Windows

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError):
        return False
    return True


# -- read ---------------------------------------------------------------------------------------------------------------


def read_safetensors(path: Path) -> TensorFile:
    """The tensors of a file, on CPU, and what it says of itself.

    Raises:
        OSError: it cannot be read.
        CheckpointError: it is no file of the format, not all of one, or not as it was written.
    """
    refuse_byte_order()
    if path.exists() and not path.is_file():  # a pipe would keep its reader waiting
        raise CheckpointError(f"{path}: expected a file, found something else")
    with path.open("rb") as file:
        try:
            return contents(file, os.fstat(file.fileno()).st_size)
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from None


def contents(file: BufferedReader, size: int) -> TensorFile:
    """What a file of so many bytes holds."""
    length = int.from_bytes(file.read(8), "little")
    most = min(max(size - 8, 0), MOST_HEADER)
    if size < 8 or length > most:
        raise CheckpointError(f"expected a header of at most {most} bytes, found one of {length}: no safetensors file")
    header, metadata = header_of(file.read(length))
    entries = {name: entry_of(name, entry) for name, entry in header.items()}
    refuse_gaps(entries, size - 8 - length)
    pieces = {name: read_bytes(file, entry.end - entry.begin) for name, entry in in_order(entries)}
    is_ours = any(name.startswith(OURS) for name in metadata)
    if is_ours and metadata.pop(CHECKSUM, "") != checksum(header, metadata, pieces.values()):
        raise CheckpointError("its checksum is not the one of what was written: it was damaged or changed")
    return TensorFile({name: tensor_in(name, pieces[name], entry) for name, entry in entries.items()}, metadata)


def header_of(data: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """The entries of a header, unread, and its metadata."""
    try:
        found = json.loads(data.decode(), object_pairs_hook=without_twins, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error)[:100] if isinstance(error, ValueError) else "nested too deeply"
        raise CheckpointError(f"expected a header of JSON: {reason}") from None
    metadata = found.pop(ABOUT, {}) if isinstance(found, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise CheckpointError("expected a header that is an object, with metadata of text alone")
    return found, metadata


def without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, each name of which is there once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def refuse_constant(text: str) -> None:
    """`NaN` and `Infinity`, which Python reads and JSON does not have."""
    raise ValueError(f"{text} is no JSON")


def entry_of(name: str, found: Any) -> TensorEntry:
    """One tensor of a header; its sizes agree with its place."""
    if not isinstance(found, dict) or found.keys() != {"dtype", "shape", "data_offsets"}:
        raise CheckpointError(f"{name[:60]!r}: expected dtype, shape and data_offsets")
    code, shape, offsets = found["dtype"], found["shape"], found["data_offsets"]
    dtype = OF_CODE.get(code) if isinstance(code, str) else None
    if dtype is None:
        raise CheckpointError(f"{name[:60]!r}: expected a dtype out of {', '.join(OF_CODE)}, found {str(code)[:20]!r}")
    if not (are_whole(shape) and are_whole(offsets) and len(shape) <= MOST_AXES and len(offsets) == 2):
        raise CheckpointError(f"{name[:60]!r}: expected sizes, and two offsets, that are whole numbers")
    if prod(size or 1 for size in shape) >= MOST_ENTRIES:  # of an empty one too, whose other sizes are counted
        raise CheckpointError(f"{name[:60]!r}: expected sizes that a tensor can have")
    if prod(shape) * dtype.itemsize != offsets[1] - offsets[0]:
        raise CheckpointError(f"{name[:60]!r}: its shape and dtype are not those of the bytes that it has")
    return TensorEntry(dtype, tuple(shape), *offsets)


def are_whole(found: Any) -> bool:
    """Whether it is a list of whole numbers ≥ 0."""
    return isinstance(found, list) and all(type(one) is int and one >= 0 for one in found)


def in_order(entries: Mapping[str, TensorEntry]) -> list[tuple[str, TensorEntry]]:
    """Entries as they stand in the file."""
    return sorted(entries.items(), key=lambda pair: (pair[1].begin, pair[1].end))


def refuse_gaps(entries: Mapping[str, TensorEntry], size: int) -> None:
    """Hold the places of tensors against each other and against the bytes that there are."""
    end = 0
    for name, entry in in_order(entries):
        if entry.begin != end:
            raise CheckpointError(f"{name[:60]!r}: expected to begin at byte {end} of the data, found {entry.begin}")
        end = entry.end
    if end != size:
        raise CheckpointError(f"expected {end} bytes of tensors, found {size}: a part is missing, or something follows")


def read_bytes(file: BufferedReader, size: int) -> bytearray:
    """So many bytes, which a file had when it was opened."""
    found = bytearray(size)
    if file.readinto(found) != size:
        raise CheckpointError("it became shorter while it was read")
    return found


def tensor_in(name: str, data: bytearray, entry: TensorEntry) -> Tensor:
    """The tensor that has these bytes."""
    if entry.dtype is torch.bool and data.translate(None, b"\x00\x01"):
        raise CheckpointError(f"{name[:60]!r}: expected truth values of 0 and 1")
    if not data:
        return torch.empty(entry.shape, dtype=entry.dtype, device="cpu")
    return torch.frombuffer(data, dtype=entry.dtype).reshape(entry.shape)


def refuse_byte_order() -> None:
    """Hold this machine against the order in which the format has bytes."""
    if sys.byteorder != "little":
        raise CheckpointError("the files have little-endian numbers, which this machine does not")
