"""Python's collector of cycles, put off while a pass builds what it keeps.

A spec's nodes hold no cycles, and there are hundreds of thousands of them: looking through all of them again and again, and finding
nothing, was a quarter of what the compiler took.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_was_on = False


@contextmanager
def put_off() -> Iterator[None]:
    """No collection in here; behind the last that leaves, in whatever thread, collecting is as it was before the first.

    The switch is that of the process: what another thread says of it meanwhile holds until then.
    """
    global _inside, _was_on  # noqa: PLW0603  # the process has one collector, and this is what is known of it
    with _lock:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_on:
                gc.enable()
