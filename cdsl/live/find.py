"""`package.module:object.attribute` → the object. Importing a module runs it."""

from __future__ import annotations

import traceback
from importlib import import_module
from pathlib import Path

from cdsl.errors import CdslError
from cdsl.live.constraints import cut
from cdsl.names import did_you_mean


class NotFound(CdslError):
    """Why there is no such object."""


def find(module: str, path: str) -> object:
    """The object at a path of attributes in a module.

    Raises:
        NotFound: there is no such module or object, or looking for it raised something.
    """
    try:
        found: object = import_module(module)
        for name in path.split("."):
            if not hasattr(found, name):
                meant = did_you_mean(name, dir(found))
                raise NotFound(f"`{module}` has no `{path}`{', ' * bool(meant)}{meant}")
            found = getattr(found, name)
    except NotFound:
        raise
    except ModuleNotFoundError as error:
        if f"{module}.".startswith(f"{error.name}."):
            raise NotFound(f"there is no module `{error.name}`, here or installed") from None
        raise NotFound(raised(module, error)) from None
    except (Exception, SystemExit) as error:
        raise NotFound(raised(module, error)) from None
    return found


def raised(module: str, error: BaseException) -> str:
    """What running a module raised, and where."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = "" if isinstance(error, SyntaxError) else f" ({Path(frame.filename).name}, line {frame.lineno})"
    return f"importing `{module}` raised {type(error).__name__}: {cut(str(error))}{where}"
