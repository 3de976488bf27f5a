# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class LongLinesValues(NamedTuple):
    """The constrained values of a `LongLines`."""

    a_scale_whose_name_has_forty_characters_: torch.Tensor
    """`prob via logistic`"""
    numbers: torch.Tensor
    """`real[12] via identity`"""
    rows: torch.Tensor
    """`real[3, 8] via identity`"""
    deep: torch.Tensor
    """`real[2, 2, 2, 2] via identity`"""
    column: torch.Tensor
    """`real[30, 1] via identity`"""
    transmission: torch.Tensor
    """`interval(-1.2345678901234568e-300, 0.0012345678901234567)[3, 4] via hard_sigmoid`"""
    documented: torch.Tensor
    """`positive via exp`: wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide"""


class LongLines(cdsl.ConstrainedModule["LongLinesValues"]):
    """The parameters of a `LongLines`, and the values they stand for."""

    _values = LongLinesValues
    _declared = (
        cdsl.Declared("a_scale_whose_name_has_forty_characters_", cdsl.prob.logistic),
        cdsl.Declared(
            "numbers",
            cdsl.real.identity,
            batch=(12,),
            start=(1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5),
        ),
        cdsl.Declared(
            "rows",
            cdsl.real.identity,
            batch=(3, 8),
            start=(
                (
                    1000000.5,
                    2000000.5,
                    3000000.5,
                    4000000.5,
                    5000000.5,
                    6000000.5,
                    7000000.5,
                    8000000.5,
                ),
                (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0),
                (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
            ),
        ),
        cdsl.Declared(
            "deep",
            cdsl.real.identity,
            batch=(2, 2, 2, 2),
            start=(
                (((1.0, 2.0), (3.0, 4.0)), ((5.0, 6.0), (7.0, 8.0))),
                (((9.25, 10.25), (11.25, 12.25)), ((13.25, 14.25), (15.25, 16.25))),
            ),
        ),
        cdsl.Declared(
            "column",
            cdsl.real.identity,
            batch=(30, 1),
            start=(
                (0.0,),
                (1.0,),
                (2.0,),
                (3.0,),
                (4.0,),
                (5.0,),
                (6.0,),
                (7.0,),
                (8.0,),
                (9.0,),
                (10.0,),
                (11.0,),
                (12.0,),
                (13.0,),
                (14.0,),
                (15.0,),
                (16.0,),
                (17.0,),
                (18.0,),
                (19.0,),
                (20.0,),
                (21.0,),
                (22.0,),
                (23.0,),
                (24.0,),
                (25.0,),
                (26.0,),
                (27.0,),
                (28.0,),
                (29.0,),
            ),
        ),
        cdsl.Declared(
            "transmission",
            cdsl.interval.hard_sigmoid,
            arguments=(-1.2345678901234568e-300, 0.0012345678901234567),
            batch=(3, 4),
        ),
        cdsl.Declared(
            "documented",
            cdsl.positive.exp,
            start=2.5,
            doc="wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide",
        ),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.a_scale_whose_name_has_forty_characters__raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.numbers_raw = torch.nn.Parameter(
            torch.empty(12, dtype=dtype, device=device)
        )
        self.rows_raw = torch.nn.Parameter(
            torch.empty((3, 8), dtype=dtype, device=device)
        )
        self.deep_raw = torch.nn.Parameter(
            torch.empty((2, 2, 2, 2), dtype=dtype, device=device)
        )
        self.column_raw = torch.nn.Parameter(
            torch.empty((30, 1), dtype=dtype, device=device)
        )
        self.transmission_raw = torch.nn.Parameter(
            torch.empty((3, 4), dtype=dtype, device=device)
        )
        self.documented_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> LongLinesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.a_scale_whose_name_has_forty_characters__raw.squeeze(0),
            self.numbers_raw,
            self.rows_raw,
            self.deep_raw,
            self.column_raw,
            self.transmission_raw,
            self.documented_raw.squeeze(0),
        )

    def _evaluate(self, raw: cdsl.Raw) -> LongLinesValues:
        (
            a_scale_whose_name_has_forty_characters__raw,
            numbers_raw,
            rows_raw,
            deep_raw,
            column_raw,
            transmission_raw,
            documented_raw,
        ) = raw
        a_scale_whose_name_has_forty_characters_ = cdsl.prob.logistic(
            a_scale_whose_name_has_forty_characters__raw
        )
        numbers = cdsl.real.identity(numbers_raw)
        rows = cdsl.real.identity(rows_raw)
        deep = cdsl.real.identity(deep_raw)
        column = cdsl.real.identity(column_raw)
        transmission = cdsl.interval.hard_sigmoid(
            transmission_raw, -1.2345678901234568e-300, 0.0012345678901234567
        )
        documented = cdsl.positive.exp(documented_raw)
        return LongLinesValues(
            a_scale_whose_name_has_forty_characters_,
            numbers,
            rows,
            deep,
            column,
            transmission,
            documented,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[LongLinesValues]:
        (
            a_scale_whose_name_has_forty_characters__raw,
            numbers_raw,
            rows_raw,
            deep_raw,
            column_raw,
            transmission_raw,
            documented_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        (
            a_scale_whose_name_has_forty_characters_,
            log_dets["a_scale_whose_name_has_forty_characters_"],
        ) = cdsl.prob.logistic.with_log_det(
            a_scale_whose_name_has_forty_characters__raw
        )
        numbers, log_dets["numbers"] = cdsl.real.identity.with_log_det(
            numbers_raw, batch=1
        )
        rows, log_dets["rows"] = cdsl.real.identity.with_log_det(rows_raw, batch=2)
        deep, log_dets["deep"] = cdsl.real.identity.with_log_det(deep_raw, batch=4)
        column, log_dets["column"] = cdsl.real.identity.with_log_det(
            column_raw, batch=2
        )
        transmission = cdsl.interval.hard_sigmoid(
            transmission_raw, -1.2345678901234568e-300, 0.0012345678901234567
        )
        documented, log_dets["documented"] = cdsl.positive.exp.with_log_det(
            documented_raw
        )
        return (
            LongLinesValues(
                a_scale_whose_name_has_forty_characters_,
                numbers,
                rows,
                deep,
                column,
                transmission,
                documented,
            ),
            log_dets,
        )

    @property
    def a_scale_whose_name_has_forty_characters_(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(
            self.a_scale_whose_name_has_forty_characters__raw.squeeze(0)
        )

    @a_scale_whose_name_has_forty_characters_.setter
    def a_scale_whose_name_has_forty_characters_(self, value: cdsl.Settable) -> None:
        self.assign_(a_scale_whose_name_has_forty_characters_=value)

    @property
    def numbers(self) -> torch.Tensor:
        """`real[12] via identity`"""
        return cdsl.real.identity(self.numbers_raw)

    @numbers.setter
    def numbers(self, value: cdsl.Settable) -> None:
        self.assign_(numbers=value)

    @property
    def rows(self) -> torch.Tensor:
        """`real[3, 8] via identity`"""
        return cdsl.real.identity(self.rows_raw)

    @rows.setter
    def rows(self, value: cdsl.Settable) -> None:
        self.assign_(rows=value)

    @property
    def deep(self) -> torch.Tensor:
        """`real[2, 2, 2, 2] via identity`"""
        return cdsl.real.identity(self.deep_raw)

    @deep.setter
    def deep(self, value: cdsl.Settable) -> None:
        self.assign_(deep=value)

    @property
    def column(self) -> torch.Tensor:
        """`real[30, 1] via identity`"""
        return cdsl.real.identity(self.column_raw)

    @column.setter
    def column(self, value: cdsl.Settable) -> None:
        self.assign_(column=value)

    @property
    def transmission(self) -> torch.Tensor:
        """`interval(-1.2345678901234568e-300, 0.0012345678901234567)[3, 4] via hard_sigmoid`"""
        return cdsl.interval.hard_sigmoid(
            self.transmission_raw, -1.2345678901234568e-300, 0.0012345678901234567
        )

    @transmission.setter
    def transmission(self, value: cdsl.Settable) -> None:
        self.assign_(transmission=value)

    @property
    def documented(self) -> torch.Tensor:
        """`positive via exp`: wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide wide"""
        return cdsl.positive.exp(self.documented_raw.squeeze(0))

    @documented.setter
    def documented(self, value: cdsl.Settable) -> None:
        self.assign_(documented=value)
