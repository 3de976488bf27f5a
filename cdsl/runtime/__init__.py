"""What generated modules import. It imports torch and the standard library, nothing else.

Every domain of the registry is an attribute, and its transforms are attributes of that: `prob.logistic` is the map that
`p: prob` compiles to, `interval.probit` that of `tau: interval(0.1, 10) via probit`. Each is made when it is first asked
for.
"""

import torch as _torch

from cdsl.constraints import domains as _domains
from cdsl.constraints import plugins as _plugins
from cdsl.constraints.compensated import exact as exact
from cdsl.discrete import DISCRETE as _DISCRETE
from cdsl.runtime.declared import Argument as Argument
from cdsl.runtime.declared import Declared as Declared
from cdsl.runtime.errors import CheckpointError as CheckpointError
from cdsl.runtime.errors import DomainError as DomainError
from cdsl.runtime.errors import NotBijective as NotBijective
from cdsl.runtime.errors import SignatureMismatch as SignatureMismatch
from cdsl.runtime.functions import concat as concat
from cdsl.runtime.functions import matvec as matvec
from cdsl.runtime.functions import stack as stack
from cdsl.runtime.functions import vecmat as vecmat
from cdsl.runtime.inputs import Data as Data
from cdsl.runtime.inputs import Dim as Dim
from cdsl.runtime.maps import Map as Map
from cdsl.runtime.maps import Maps as Maps
from cdsl.runtime.module import ConstrainedModule as ConstrainedModule
from cdsl.runtime.module import Device as Device
from cdsl.runtime.module import Known as Known
from cdsl.runtime.module import LogDets as LogDets
from cdsl.runtime.module import Raw as Raw
from cdsl.runtime.module import Settable as Settable
from cdsl.runtime.module import WithLogDets as WithLogDets
from cdsl.runtime.open import Bindings as Bindings
from cdsl.runtime.open import OpenModule as OpenModule
from cdsl.runtime.optimizers import bounds as bounds
from cdsl.runtime.packed import PackedModule as PackedModule
from cdsl.runtime.packed import PackedValues as PackedValues
from cdsl.runtime.packed import packed_values as packed_values
from cdsl.runtime.pytree import values as values

_domains().use(_torch)


def __getattr__(name: str) -> Maps:
    """The maps of the domain of this name, or the type of data, which `Data` takes in their place."""
    if name in _DISCRETE:
        return _DISCRETE[name]  # type: ignore[return-value]  # what maps are called on is a domain
    if name not in _domains():
        _plugins()
    if name not in _domains():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}, and no domain has that name")
    maps = globals()[name] = Maps(_domains()[name])
    return maps
