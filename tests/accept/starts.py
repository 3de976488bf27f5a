# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class StartsValues(NamedTuple):
    """The constrained values of a `Starts`."""

    x: torch.Tensor
    """`real via identity`"""
    y: torch.Tensor
    """`real via identity`"""
    z: torch.Tensor
    """`real[3] via identity`"""
    u: torch.Tensor
    """`real[2, 2] via identity`"""
    all: torch.Tensor
    """`positive[2, 3] via exp`"""
    s: torch.Tensor
    """`positive via exp`"""
    tiny: torch.Tensor
    """`positive via exp`"""
    huge: torch.Tensor
    """`positive via exp`"""
    third: torch.Tensor
    """`prob via logistic`"""
    exact: torch.Tensor
    """`prob via logistic`"""
    angle: torch.Tensor
    """`interval(-3.141592653589793, 3.141592653589793) via logistic`"""
    power: torch.Tensor
    """`real via identity`"""
    chain: torch.Tensor
    """`real via identity`"""
    root: torch.Tensor
    """`positive via exp`"""
    floor: torch.Tensor
    """`real via identity`"""
    spelled: torch.Tensor
    """`real via identity`"""
    above: torch.Tensor
    """`greater_than(2.0) via exp`"""
    w: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    thirds: torch.Tensor
    """`simplex[3] via isometric_log_ratio`"""
    rows: torch.Tensor
    """`simplex[2, 3] via isometric_log_ratio`"""
    all_rows: torch.Tensor
    """`simplex[4, 2] via isometric_log_ratio`"""
    mu: torch.Tensor
    """`ordered[3] via increments`"""
    nu: torch.Tensor
    """`positive_ordered[2, 2] via increments`"""
    scaled: torch.Tensor
    """`positive_ordered[3] via increments`"""
    empty: torch.Tensor
    """`real[0] via identity`"""


class Starts(cdsl.ConstrainedModule["StartsValues"]):
    """The parameters of a `Starts`, and the values they stand for."""

    _values = StartsValues
    _declared = (
        cdsl.Declared("x", cdsl.real.identity, start=0.0),
        cdsl.Declared("y", cdsl.real.identity, start=0.001),
        cdsl.Declared("z", cdsl.real.identity, batch=(3,), start=(1.0, 2.5, -3.0)),
        cdsl.Declared(
            "u", cdsl.real.identity, batch=(2, 2), start=((1.0, 2.0), (3.0, 4.0))
        ),
        cdsl.Declared("all", cdsl.positive.exp, batch=(2, 3), start=2.0),
        cdsl.Declared("s", cdsl.positive.exp, start=2.5),
        cdsl.Declared("tiny", cdsl.positive.exp, start=5e-324),
        cdsl.Declared("huge", cdsl.positive.exp, start=1.7976931348623157e308),
        cdsl.Declared("third", cdsl.prob.logistic, start=0.3333333333333333),
        cdsl.Declared("exact", cdsl.prob.logistic, start=0.3),
        cdsl.Declared(
            "angle",
            cdsl.interval.logistic,
            arguments=(-3.141592653589793, 3.141592653589793),
            start=1.5707963267948966,
        ),
        cdsl.Declared("power", cdsl.real.identity, start=-4.0),
        cdsl.Declared("chain", cdsl.real.identity, start=512.0),
        cdsl.Declared("root", cdsl.positive.exp, start=1.4142135623730951),
        cdsl.Declared("floor", cdsl.real.identity, start=-4.0),
        cdsl.Declared("spelled", cdsl.real.identity, start=1000.5),
        cdsl.Declared(
            "above", cdsl.greater_than.exp, arguments=(2.0,), start=2.0000000000000004
        ),
        cdsl.Declared(
            "w", cdsl.simplex.isometric_log_ratio, sizes=(3,), start=(0.2, 0.3, 0.5)
        ),
        cdsl.Declared(
            "thirds",
            cdsl.simplex.isometric_log_ratio,
            sizes=(3,),
            start=(0.3333333333333333, 0.3333333333333333, 0.3333333333333333),
        ),
        cdsl.Declared(
            "rows",
            cdsl.simplex.isometric_log_ratio,
            batch=(2,),
            sizes=(3,),
            start=((0.2, 0.3, 0.5), (0.5, 0.3, 0.2)),
        ),
        cdsl.Declared(
            "all_rows",
            cdsl.simplex.isometric_log_ratio,
            batch=(4,),
            sizes=(2,),
            start=(0.25, 0.75),
        ),
        cdsl.Declared(
            "mu", cdsl.ordered.increments, sizes=(3,), start=(-1.0, 0.0, 1.5)
        ),
        cdsl.Declared(
            "nu",
            cdsl.positive_ordered.increments,
            batch=(2,),
            sizes=(2,),
            start=((1.0, 2.0), (0.5, 4.0)),
        ),
        cdsl.Declared(
            "scaled",
            cdsl.positive_ordered.increments,
            sizes=(3,),
            start=(0.01, 0.02, 0.03),
        ),
        cdsl.Declared("empty", cdsl.real.identity, batch=(0,), start=()),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.x_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.y_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.z_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.u_raw = torch.nn.Parameter(torch.empty((2, 2), dtype=dtype, device=device))
        self.all_raw = torch.nn.Parameter(
            torch.empty((2, 3), dtype=dtype, device=device)
        )
        self.s_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.tiny_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.huge_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.third_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.exact_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.angle_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.power_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.chain_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.root_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.floor_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.spelled_raw = torch.nn.Parameter(
            torch.empty(1, dtype=dtype, device=device)
        )
        self.above_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.w_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.thirds_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.rows_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.all_rows_raw = torch.nn.Parameter(
            torch.empty((4, 1), dtype=dtype, device=device)
        )
        self.mu_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.nu_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.scaled_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.empty_raw = torch.nn.Parameter(torch.empty(0, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> StartsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.x_raw.squeeze(0),
            self.y_raw.squeeze(0),
            self.z_raw,
            self.u_raw,
            self.all_raw,
            self.s_raw.squeeze(0),
            self.tiny_raw.squeeze(0),
            self.huge_raw.squeeze(0),
            self.third_raw.squeeze(0),
            self.exact_raw.squeeze(0),
            self.angle_raw.squeeze(0),
            self.power_raw.squeeze(0),
            self.chain_raw.squeeze(0),
            self.root_raw.squeeze(0),
            self.floor_raw.squeeze(0),
            self.spelled_raw.squeeze(0),
            self.above_raw.squeeze(0),
            self.w_raw,
            self.thirds_raw,
            self.rows_raw,
            self.all_rows_raw,
            self.mu_raw,
            self.nu_raw,
            self.scaled_raw,
            self.empty_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> StartsValues:
        (
            x_raw,
            y_raw,
            z_raw,
            u_raw,
            all_raw,
            s_raw,
            tiny_raw,
            huge_raw,
            third_raw,
            exact_raw,
            angle_raw,
            power_raw,
            chain_raw,
            root_raw,
            floor_raw,
            spelled_raw,
            above_raw,
            w_raw,
            thirds_raw,
            rows_raw,
            all_rows_raw,
            mu_raw,
            nu_raw,
            scaled_raw,
            empty_raw,
        ) = raw
        x = cdsl.real.identity(x_raw)
        y = cdsl.real.identity(y_raw)
        z = cdsl.real.identity(z_raw)
        u = cdsl.real.identity(u_raw)
        all = cdsl.positive.exp(all_raw)
        s = cdsl.positive.exp(s_raw)
        tiny = cdsl.positive.exp(tiny_raw)
        huge = cdsl.positive.exp(huge_raw)
        third = cdsl.prob.logistic(third_raw)
        exact = cdsl.prob.logistic(exact_raw)
        angle = cdsl.interval.logistic(angle_raw, -3.141592653589793, 3.141592653589793)
        power = cdsl.real.identity(power_raw)
        chain = cdsl.real.identity(chain_raw)
        root = cdsl.positive.exp(root_raw)
        floor = cdsl.real.identity(floor_raw)
        spelled = cdsl.real.identity(spelled_raw)
        above = cdsl.greater_than.exp(above_raw, 2.0)
        w = cdsl.simplex.isometric_log_ratio(w_raw)
        thirds = cdsl.simplex.isometric_log_ratio(thirds_raw)
        rows = cdsl.simplex.isometric_log_ratio(rows_raw)
        all_rows = cdsl.simplex.isometric_log_ratio(all_rows_raw)
        mu = cdsl.ordered.increments(mu_raw)
        nu = cdsl.positive_ordered.increments(nu_raw)
        scaled = cdsl.positive_ordered.increments(scaled_raw)
        empty = cdsl.real.identity(empty_raw)
        return StartsValues(
            x,
            y,
            z,
            u,
            all,
            s,
            tiny,
            huge,
            third,
            exact,
            angle,
            power,
            chain,
            root,
            floor,
            spelled,
            above,
            w,
            thirds,
            rows,
            all_rows,
            mu,
            nu,
            scaled,
            empty,
        )

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[StartsValues]:
        (
            x_raw,
            y_raw,
            z_raw,
            u_raw,
            all_raw,
            s_raw,
            tiny_raw,
            huge_raw,
            third_raw,
            exact_raw,
            angle_raw,
            power_raw,
            chain_raw,
            root_raw,
            floor_raw,
            spelled_raw,
            above_raw,
            w_raw,
            thirds_raw,
            rows_raw,
            all_rows_raw,
            mu_raw,
            nu_raw,
            scaled_raw,
            empty_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        x, log_dets["x"] = cdsl.real.identity.with_log_det(x_raw)
        y, log_dets["y"] = cdsl.real.identity.with_log_det(y_raw)
        z, log_dets["z"] = cdsl.real.identity.with_log_det(z_raw, batch=1)
        u, log_dets["u"] = cdsl.real.identity.with_log_det(u_raw, batch=2)
        all, log_dets["all"] = cdsl.positive.exp.with_log_det(all_raw, batch=2)
        s, log_dets["s"] = cdsl.positive.exp.with_log_det(s_raw)
        tiny, log_dets["tiny"] = cdsl.positive.exp.with_log_det(tiny_raw)
        huge, log_dets["huge"] = cdsl.positive.exp.with_log_det(huge_raw)
        third, log_dets["third"] = cdsl.prob.logistic.with_log_det(third_raw)
        exact, log_dets["exact"] = cdsl.prob.logistic.with_log_det(exact_raw)
        angle, log_dets["angle"] = cdsl.interval.logistic.with_log_det(
            angle_raw, -3.141592653589793, 3.141592653589793
        )
        power, log_dets["power"] = cdsl.real.identity.with_log_det(power_raw)
        chain, log_dets["chain"] = cdsl.real.identity.with_log_det(chain_raw)
        root, log_dets["root"] = cdsl.positive.exp.with_log_det(root_raw)
        floor, log_dets["floor"] = cdsl.real.identity.with_log_det(floor_raw)
        spelled, log_dets["spelled"] = cdsl.real.identity.with_log_det(spelled_raw)
        above, log_dets["above"] = cdsl.greater_than.exp.with_log_det(above_raw, 2.0)
        w, log_dets["w"] = cdsl.simplex.isometric_log_ratio.with_log_det(w_raw)
        thirds, log_dets["thirds"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            thirds_raw
        )
        rows, log_dets["rows"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            rows_raw, batch=1
        )
        all_rows, log_dets["all_rows"] = cdsl.simplex.isometric_log_ratio.with_log_det(
            all_rows_raw, batch=1
        )
        mu, log_dets["mu"] = cdsl.ordered.increments.with_log_det(mu_raw)
        nu, log_dets["nu"] = cdsl.positive_ordered.increments.with_log_det(
            nu_raw, batch=1
        )
        scaled, log_dets["scaled"] = cdsl.positive_ordered.increments.with_log_det(
            scaled_raw
        )
        empty, log_dets["empty"] = cdsl.real.identity.with_log_det(empty_raw, batch=1)
        return (
            StartsValues(
                x,
                y,
                z,
                u,
                all,
                s,
                tiny,
                huge,
                third,
                exact,
                angle,
                power,
                chain,
                root,
                floor,
                spelled,
                above,
                w,
                thirds,
                rows,
                all_rows,
                mu,
                nu,
                scaled,
                empty,
            ),
            log_dets,
        )

    @property
    def x(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.x_raw.squeeze(0))

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
    def z(self) -> torch.Tensor:
        """`real[3] via identity`"""
        return cdsl.real.identity(self.z_raw)

    @z.setter
    def z(self, value: cdsl.Settable) -> None:
        self.assign_(z=value)

    @property
    def u(self) -> torch.Tensor:
        """`real[2, 2] via identity`"""
        return cdsl.real.identity(self.u_raw)

    @u.setter
    def u(self, value: cdsl.Settable) -> None:
        self.assign_(u=value)

    @property
    def all(self) -> torch.Tensor:
        """`positive[2, 3] via exp`"""
        return cdsl.positive.exp(self.all_raw)

    @all.setter
    def all(self, value: cdsl.Settable) -> None:
        self.assign_(all=value)

    @property
    def s(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.s_raw.squeeze(0))

    @s.setter
    def s(self, value: cdsl.Settable) -> None:
        self.assign_(s=value)

    @property
    def tiny(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.tiny_raw.squeeze(0))

    @tiny.setter
    def tiny(self, value: cdsl.Settable) -> None:
        self.assign_(tiny=value)

    @property
    def huge(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.huge_raw.squeeze(0))

    @huge.setter
    def huge(self, value: cdsl.Settable) -> None:
        self.assign_(huge=value)

    @property
    def third(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.third_raw.squeeze(0))

    @third.setter
    def third(self, value: cdsl.Settable) -> None:
        self.assign_(third=value)

    @property
    def exact(self) -> torch.Tensor:
        """`prob via logistic`"""
        return cdsl.prob.logistic(self.exact_raw.squeeze(0))

    @exact.setter
    def exact(self, value: cdsl.Settable) -> None:
        self.assign_(exact=value)

    @property
    def angle(self) -> torch.Tensor:
        """`interval(-3.141592653589793, 3.141592653589793) via logistic`"""
        return cdsl.interval.logistic(
            self.angle_raw.squeeze(0), -3.141592653589793, 3.141592653589793
        )

    @angle.setter
    def angle(self, value: cdsl.Settable) -> None:
        self.assign_(angle=value)

    @property
    def power(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.power_raw.squeeze(0))

    @power.setter
    def power(self, value: cdsl.Settable) -> None:
        self.assign_(power=value)

    @property
    def chain(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.chain_raw.squeeze(0))

    @chain.setter
    def chain(self, value: cdsl.Settable) -> None:
        self.assign_(chain=value)

    @property
    def root(self) -> torch.Tensor:
        """`positive via exp`"""
        return cdsl.positive.exp(self.root_raw.squeeze(0))

    @root.setter
    def root(self, value: cdsl.Settable) -> None:
        self.assign_(root=value)

    @property
    def floor(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.floor_raw.squeeze(0))

    @floor.setter
    def floor(self, value: cdsl.Settable) -> None:
        self.assign_(floor=value)

    @property
    def spelled(self) -> torch.Tensor:
        """`real via identity`"""
        return cdsl.real.identity(self.spelled_raw.squeeze(0))

    @spelled.setter
    def spelled(self, value: cdsl.Settable) -> None:
        self.assign_(spelled=value)

    @property
    def above(self) -> torch.Tensor:
        """`greater_than(2.0) via exp`"""
        return cdsl.greater_than.exp(self.above_raw.squeeze(0), 2.0)

    @above.setter
    def above(self, value: cdsl.Settable) -> None:
        self.assign_(above=value)

    @property
    def w(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.w_raw)

    @w.setter
    def w(self, value: cdsl.Settable) -> None:
        self.assign_(w=value)

    @property
    def thirds(self) -> torch.Tensor:
        """`simplex[3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.thirds_raw)

    @thirds.setter
    def thirds(self, value: cdsl.Settable) -> None:
        self.assign_(thirds=value)

    @property
    def rows(self) -> torch.Tensor:
        """`simplex[2, 3] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.rows_raw)

    @rows.setter
    def rows(self, value: cdsl.Settable) -> None:
        self.assign_(rows=value)

    @property
    def all_rows(self) -> torch.Tensor:
        """`simplex[4, 2] via isometric_log_ratio`"""
        return cdsl.simplex.isometric_log_ratio(self.all_rows_raw)

    @all_rows.setter
    def all_rows(self, value: cdsl.Settable) -> None:
        self.assign_(all_rows=value)

    @property
    def mu(self) -> torch.Tensor:
        """`ordered[3] via increments`"""
        return cdsl.ordered.increments(self.mu_raw)

    @mu.setter
    def mu(self, value: cdsl.Settable) -> None:
        self.assign_(mu=value)

    @property
    def nu(self) -> torch.Tensor:
        """`positive_ordered[2, 2] via increments`"""
        return cdsl.positive_ordered.increments(self.nu_raw)

    @nu.setter
    def nu(self, value: cdsl.Settable) -> None:
        self.assign_(nu=value)

    @property
    def scaled(self) -> torch.Tensor:
        """`positive_ordered[3] via increments`"""
        return cdsl.positive_ordered.increments(self.scaled_raw)

    @scaled.setter
    def scaled(self, value: cdsl.Settable) -> None:
        self.assign_(scaled=value)

    @property
    def empty(self) -> torch.Tensor:
        """`real[0] via identity`"""
        return cdsl.real.identity(self.empty_raw)

    @empty.setter
    def empty(self, value: cdsl.Settable) -> None:
        self.assign_(empty=value)
