# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class HugeNumbersValues(NamedTuple):
    """The constrained values of a `HugeNumbers`."""

    x: torch.Tensor
    """`interval(-1e-300, 1.2345678901234567e+300) via logistic`"""
    y: torch.Tensor
    """`real via identity`"""
    sizes: torch.Tensor
    """`real[1000000000, 1000000000, 1] via identity`"""
    many: torch.Tensor
    """`simplex[1000000000000] via isometric_log_ratio`"""


class HugeNumbers(cdsl.ConstrainedModule["HugeNumbersValues"]):
    """The parameters of a `HugeNumbers`, and the values they stand for."""

    _values = HugeNumbersValues
    _declared = (
        cdsl.Declared(
            "x", cdsl.interval.logistic, arguments=(-1e-300, 1.2345678901234567e300)
        ),
        cdsl.Declared("y", cdsl.real.identity, start=1.5e300),
        cdsl.Declared("sizes", cdsl.real.identity, batch=(1000000000, 1000000000, 1)),
        cdsl.Declared("many", cdsl.simplex.isometric_log_ratio, sizes=(1000000000000,)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.y_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.sizes_raw = torch.nn.Parameter(
            torch.empty((1000000000, 1000000000, 1), dtype=dtype, device=device)
        )
        self.many_raw = torch.nn.Parameter(
            torch.empty(999999999999, dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> HugeNumbersValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.y_raw.squeeze(0),
            self.sizes_raw,
            self.many_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> HugeNumbersValues:
        x_raw, y_raw, sizes_raw, many_raw = raw
        x = cdsl.interval.logistic(x_raw, -1e-300, 1.2345678901234567e300)
        y = cdsl.real.identity(y_raw)
        sizes = cdsl.real.identity(sizes_raw)
        many = cdsl.simplex.isometric_log_ratio(many_raw)
        return HugeNumbersValues(x, y, sizes, many)

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[HugeNumbersValues]:
        x_raw, y_raw, sizes_raw, many_raw = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.interval.logistic.with_log_det(
            x_raw, -1e-300, 1.2345678901234567e300
        )
        y, log_dets["y"] = cdsl.real.identity.with_log_det(y_raw)
        sizes, log_dets["sizes"] = cdsl.real.identity.with_log_det(sizes_raw, batch=3)
        many, log_dets["many"] = cdsl.simplex.isometric_log_ratio.with_log_det(many_raw)
        return HugeNumbersValues(x, y, sizes, many), log_dets

    @property
    def x(self) -> torch.Tensor:
        """`interval(-1e-300, 1.2345678901234567e+300) via logistic`"""
        return cdsl.interval.logistic(
            self.x_raw.squeeze(0), -1e-300, 1.2345678901234567e300
        )

    @x.setter
    def x(self, value: cdsl.Settable) -> None:
        self.assign_(x=value)

    @property
    def y(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.y_raw.squeeze(0))

    @y.setter
    def y(self, value: cdsl.Settable) -> None:
        self.assign_(y=value)

    @property
    def sizes(self) -> torch.Tensor:
        """`real[1000000000, 1000000000, 1] via identity`"""
        return cdsl.real.identity(self.sizes_raw)

    @sizes.setter
    def sizes(self, value: cdsl.Settable) -> None:
        self.assign_(sizes=value)

    @property
    def many(self) -> torch.Tensor:
        """`simplex[1000000000000] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.many_raw)

    @many.setter
    def many(self, value: cdsl.Settable) -> None:
        self.assign_(many=value)
