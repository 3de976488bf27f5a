"""Modules whose raw values are one parameter, in which like declarations stand together; and what they return."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, ClassVar, NamedTuple, NoReturn, TypeVar

import torch
from torch import Tensor, nn
from torch.utils import _pytree

from cdsl.runtime.declared import Declared
from cdsl.runtime.fused import is_watched
from cdsl.runtime.groups import Cut, Grouping, slices
from cdsl.runtime.module import ConstrainedModule, Device, Raw, Values
from cdsl.runtime.pytree import serialized_name
from cdsl.runtime.sharded import is_sharded, piece_of, whole_of, whole_raw

MOST_CUT = 4
"""How many values of a group are cut out of it one by one, and a sixteenth of them if that is more; then all are at once."""

PackedType = TypeVar("PackedType", bound="type[PackedValues]")


class Cuts:
    """Where every value stands, in the order of the spec; and the values of each group, in its order."""

    def __init__(self, each: Iterable[Cut]) -> None:
        self.each = tuple(each)
        members: dict[int, list[int]] = {}
        for place in sorted(range(len(self.each)), key=lambda place: self.each[place].start):
            members.setdefault(self.each[place].group, []).append(place)
        self.members = [members[group] for group in range(len(members))]


@dataclass(repr=False, eq=False)
class PackedValues:
    """The constrained values of a packed module, like a named tuple: by name, by number, one after the other.

    The values of each group are one tensor. One of them is cut out when it is read, so that those that nobody reads cost
    nothing, on the way back neither.
    """

    _groups: tuple[Tensor, ...]
    _cuts: Cuts
    _found: dict[int, Tensor] = field(default_factory=dict)
    _reads: dict[int, int] = field(default_factory=dict)
    _fields: ClassVar[tuple[str, ...]] = ()
    _places: ClassVar[dict[str, int]] = {}

    def __getattr__(self, name: str) -> Tensor:
        place = self._places.get(name)
        if place is None:
            raise AttributeError(f"{type(self).__name__} has no value {name!r}; there are {', '.join(self._fields)}")
        return self._read(place)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._places:
            raise AttributeError(f"{type(self).__name__}.{name} is to be read: set the parameter, `model.{name} = …`")
        super().__setattr__(name, value)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return tuple(self)[place]
        if not -len(self) <= place < len(self):
            raise IndexError(f"{type(self).__name__} has {len(self)} values, none of them is number {place}")
        return self._read(place % len(self))

    def __iter__(self) -> Iterator[Tensor]:
        for group in range(len(self._groups)):
            self._cut_all(group)
        return iter([self._found[place] for place in range(len(self))])

    def __len__(self) -> int:
        return len(self._cuts.each)

    def _asdict(self) -> dict[str, Tensor]:
        """The values by name."""
        return dict(zip(self._fields, self, strict=True))

    def _read(self, place: int) -> Tensor:
        """One value: cut out by itself, or, where many of its group were read, together with all of them."""
        if place not in self._found:
            cut = self._cuts.each[place]
            reads = self._reads[cut.group] = self._reads.get(cut.group, 0) + 1
            if reads <= max(MOST_CUT, len(self._cuts.members[cut.group]) // 16):
                self._found[place] = cut.of(self._groups[cut.group])
            else:
                self._cut_all(cut.group)
        return self._found[place]

    def _cut_all(self, group: int) -> None:
        """Cut out every value of a group that is still to be."""
        members = self._cuts.members[group]
        if any(place not in self._found for place in members):
            pieces = slices(self._groups[group], [self._cuts.each[place] for place in members])
            self._found = dict(zip(members, pieces, strict=True)) | self._found

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"


def packed_values(cls: PackedType) -> PackedType:
    """Give a generated class of values its fields, which its annotations name, and register it as a pytree."""
    cls._fields = tuple(inspect.get_annotations(cls))
    cls._places = {name: place for place, name in enumerate(cls._fields)}
    whole = Cuts(tuple(Cut(at, 0, (), -1) for at in range(len(cls._fields))))
    _pytree.register_pytree_node(
        cls,  # of its values, as a named tuple is: what maps over them may give each other dimensions
        lambda values: ([values._read(place) for place in range(len(cls._fields))], ()),
        lambda values, context: cls(tuple(values), whole),
        serialized_type_name=serialized_name(cls, "cdsl.packed"),
        to_dumpable_context=lambda context: "",
        from_dumpable_context=lambda text: (),
    )
    return cls


class PackedModule(ConstrainedModule[Values]):
    """A constrained module that keeps every raw value that trains in one parameter, `raw`, like declarations side by side.

    `p_raw` is a view of it, to be read. Values, flat vector and `state_dict` are those of the other layout.
    """

    raw: nn.Parameter
    _in_pieces = False
    _packed: dict[str, Place] | None = None
    """Where each raw stands in `raw`."""
    _raw_view: RawView | None = None
    """`raw`, as it was mapped when it was last."""

    @property
    def _whole(self) -> bool:
        return self._values is not None

    def _empty_raw(self, dtype: torch.dtype | None, device: Device) -> Tensor:
        """`raw`, still to be written."""
        return torch.zeros(sum(place.size for place in self._where().values()), dtype=dtype, device=device)

    def _where(self) -> dict[str, Place]:
        """Where each raw stands in `raw`: groups of like declarations in turn, then those that have no like."""
        if self._packed is None:
            trains = [None if one.frozen else one for one in self._declared]
            order = [self._declared[at] for at in Grouping(trains, [0] * len(trains)).order]
            starts = accumulate((one.raw_size for one in order), initial=0)
            places = {
                one.name: Place(start, one.raw_size, one.raw_shape) for one, start in zip(order, starts, strict=False)
            }
            self.__dict__["_packed"] = places
            return places
        return self._packed

    def _view(self) -> RawView:
        """How `raw` is mapped now."""
        if torch.compiler.is_dynamo_compiling() or is_watched():
            return RawView(self)
        view = self._raw_view
        if view is None or not view.holds(self):
            with torch.inference_mode(False):
                view = self.__dict__["_raw_view"] = RawView(self)
        return view

    # -- evaluation -----------------------------------------------------------------------------------------------------

    def forward_and_log_det(self) -> tuple[Values, Tensor]:
        if self._values is None:
            return super().forward_and_log_det()
        self._view_now().require_log_det()
        parts: list[Tensor] = []
        values, lead = self._mapped_at_once(self._raw(log_det=True), parts)
        return values, self._sum(parts, lead)

    def _raw(self, log_det: bool = False) -> Raw:
        """`raw` itself where values follow from it alone; otherwise what stands for each raw: the values of like ones."""
        if self._is_sharded():
            return self._gathered_raw(log_det)
        vector = self.raw.clone() if self._resharded else self.raw
        if self._values is not None:
            return Vector(vector)
        found = dict(self._view().grouping.ready(vector, log_det))
        own: dict[str, Any] = {}
        for at, one in enumerate(self._declared):
            if at in found:
                own[one.name] = found[at]
            else:
                held = self._shaped(one).detach()
                own[one.name] = held.clone() if self._resharded else held
        return tuple(
            own[name] if name in own else for_each(lambda one: one._raw(log_det), getattr(self, name))
            for name in self._names()
        )

    def _stored(self) -> Raw:
        own = {one.name: self._shaped(one) for one in self._declared}
        return tuple(
            own[name] if name in own else for_each(lambda one: one._stored(), getattr(self, name))
            for name in self._names()
        )

    def _like(self) -> Tensor:
        raw = self._parameters.get("raw")
        return super()._like() if raw is None else piece_of(raw)

    def _shaped(self, one: Declared) -> Tensor:
        """A raw in the shape that its map takes."""
        raw: Tensor = getattr(self, one.raw_name)
        return raw.reshape(one.raw_shape)

    def _fold(self, raws: Iterator[Any]) -> Raw:
        if self._values is None:
            return super()._fold(raws)
        given = {one.name: raw.flatten(raw.ndim - len(one.raw_shape)) for one, raw in zip(self._declared, raws)}  # noqa: B905  # the iterator has more
        return Vector(torch.cat([given[name] for name in self._where()], -1) if self._where() else self.raw)

    def _evaluate(self, raw: Raw) -> Values:
        """One map a group."""
        return self._mapped_at_once(raw, None)[0]

    def _evaluate_with_log_dets(self, raw: Raw) -> tuple[Values, dict[str, Any]]:
        """The same, and the log-Jacobian of all of it with the first; the others have none."""
        parts: list[Tensor] = []
        values, lead = self._mapped_at_once(raw, parts)
        log_dets: dict[str, Any] = dict.fromkeys(self._where())
        return values, {**log_dets, **{name: self._sum(parts, lead) for name in list(log_dets)[:1]}}

    def _mapped_at_once(self, raw: Raw, log_dets: list[Tensor] | None) -> tuple[Values, tuple[int, ...]]:
        """The values of raw, one vector or a tensor for each parameter, and its leading dimensions."""
        (vector,) = raw if isinstance(raw, Vector) else self._fold(iter(raw))
        return self._mapped(vector, self._view().grouping, log_dets), vector.shape[:-1]

    def _put_together(self, grouping: Grouping, values: list[Tensor], others: Mapping[int, Tensor]) -> Values:
        if grouping.cuts is None:
            of_groups = {place: cut for group in grouping.groups for place, cut in zip(group.places, group.cuts)}  # noqa: B905  # equally many
            alone = {place: Cut(at, 0, (), -1) for at, place in enumerate(others, start=len(values))}
            found = {**of_groups, **alone}
            grouping.cuts = Cuts(tuple(found[place] for place in range(len(found))))
        made: Values = self._values((*values, *others.values()), grouping.cuts)  # type: ignore[misc]  # there is one
        return made

    def _grad_of(self, one: Declared) -> Tensor | None:
        if one.name not in self._where():
            return super()._grad_of(one)
        return None if self.raw.grad is None else self._where()[one.name].of(self.raw.grad)

    # -- what would have to move single raws ------------------------------------------------------------------------------

    def _refuse_apart(self, name: str) -> NoReturn:
        """A parameter cannot be treated by itself.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            f"`{name}` has no raw parameter of its own: {type(self).__name__} is packed, and an optimizer takes `raw` as a "
            f'whole; compile it with `--layout separate`, or load it with `layout="separate"`'
        )

    # -- checkpoints ------------------------------------------------------------------------------------------------------

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Under the names, and in the order, of the other layout."""
        saved: dict[str, Any] = {}
        with whole_raw(self):
            super()._save_to_state_dict(saved, prefix, keep_vars)
        raw = saved.pop(f"{prefix}raw")
        for one in self._declared:
            key = f"{prefix}{one.raw_name}"
            destination[key] = saved.pop(key) if key in saved else self._where()[one.name].of(raw)
        destination.update(saved)

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """From the names of the other layout: what is there is written, and what is not is told by its own name."""
        assign = bool(local_metadata.get("assign_to_params_buffers"))
        if assign and self._is_sharded():
            error_msgs.append(f"{type(self).__name__}: `assign=True` cannot replace a sharded `raw`: load without it")
            return
        if f"{prefix}raw" in state_dict and strict:
            unexpected_keys.append(f"{prefix}raw")  # of whatever it was: raws come by their names
        with whole_raw(self, write=True):
            given = self._with_raw(state_dict, prefix, assign, missing_keys, error_msgs)
            super()._load_from_state_dict(
                given, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
            )

    def _with_raw(
        self, state_dict: Mapping[str, Any], prefix: str, assign: bool, missing_keys: list[str], error_msgs: list[str]
    ) -> dict[str, Any]:
        """A state with `raw` in the place of the raws; assigned, in the dtype and on the device that these have."""
        given = dict(state_dict)
        parts = {name: given.pop(f"{prefix}{name}_raw", None) for name in self._where()}
        whole = self.raw.detach().clone()
        tensors = [part for part in parts.values() if isinstance(part, Tensor)]
        if assign and tensors:
            dtype = functools.reduce(torch.promote_types, (part.dtype for part in tensors))
            whole = torch.zeros(whole.shape, device="cpu") if whole.is_meta else whole
            whole = whole.to(dtype=dtype, device=tensors[0].device)
        for one in (one for one in self._declared if one.name in parts):
            key, part, into = f"{prefix}{one.raw_name}", parts[one.name], self._where()[one.name].of(whole)
            if part is None:
                missing_keys.append(key)
            elif not isinstance(part, Tensor) or part.shape != into.shape:
                got = tuple(part.shape) if isinstance(part, Tensor) else type(part).__name__
                expected = f"{tuple(into.shape)} in this module"
                error_msgs.append(f"size mismatch for {key}: {got} from the checkpoint, {expected}")
            else:
                into.copy_(whole_of(part))
        return {**given, f"{prefix}raw": whole}

    # -- attributes -------------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name.endswith("_raw") and (place := self._where().get(name.removesuffix("_raw"))) is not None:
            return place.of(whole_of(self.raw) if is_sharded(self.raw) else self.raw)
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.endswith("_raw") and name.removesuffix("_raw") in self._where():
            raise TypeError(f"`{name}` is a view of `raw`, to be read: write into it, `model.{name}.data.copy_(…)`")
        super().__setattr__(name, value)


class RawView:
    """How `raw` is mapped as things are: its groups, with the maps that are on."""

    def __init__(self, module: PackedModule[Any]) -> None:
        where = module._where()
        staged = [one if one.name in where else None for one in module._staged()]
        starts = [0 if one is None else where[one.name].start for one in staged]
        self.grouping = Grouping(staged, starts)
        self.seen = (module._version, module.training)

    def holds(self, module: PackedModule[Any]) -> bool:
        """Whether nothing changed that it depends on."""
        return self.seen == (module._version, module.training)


class Place(NamedTuple):
    """Where a raw stands in `raw`."""

    start: int
    size: int
    shape: tuple[int, ...]

    def of(self, raw: Tensor) -> Tensor:
        """A view of it; a scalar's has shape (1,), as in the other layout."""
        return raw.narrow(0, self.start, self.size).view(self.shape or (1,))


class Vector(NamedTuple):
    """The raw values of a packed module, all in one `(…, size)`."""

    raw: Tensor


def for_each(read: Callable[[Any], Raw], nested: nn.Module) -> Raw:
    """What a nested model gives, or each of several."""
    return tuple(map(read, nested)) if isinstance(nested, nn.ModuleList) else read(nested)
