# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class VectorsValues(NamedTuple):
    """The constrained values of a `Vectors`."""

    effects: torch.Tensor
    """`zero_sum[3] via isometric`"""
    contrasts: torch.Tensor
    """`zero_sum[2, 4] via householder`"""
    direction: torch.Tensor
    """`unit_vector[3] via normalize`"""
    axis: torch.Tensor
    """`unit_vector[2] via stereographic`"""
    log_shares: torch.Tensor
    """`log_simplex[4] via isometric_log_ratio`"""
    log_sticks: torch.Tensor
    """`log_simplex[2, 3] via stick_breaking`"""
    log_scores: torch.Tensor
    """`log_simplex[3] via softmax`"""
    budget: torch.Tensor
    """`scaled_simplex(100.0)[3] via isometric_log_ratio`"""
    portions: torch.Tensor
    """`scaled_simplex(0.5)[3] via stick_breaking`"""
    rations: torch.Tensor
    """`scaled_simplex(10.0)[2, 3] via softmax`"""
    smoothed: torch.Tensor
    """`floored_simplex(0.01)[4] via isometric_log_ratio`"""
    kept: torch.Tensor
    """`floored_simplex(0.1)[3] via stick_breaking`"""
    lifted: torch.Tensor
    """`floored_simplex(0.2)[3] via softmax`"""
    weights: torch.Tensor
    """`ordered_simplex[3] via isometric_log_ratio`"""
    ranks: torch.Tensor
    """`ordered_simplex[2, 3] via stick_breaking`"""
    places: torch.Tensor
    """`ordered_simplex[3] via softmax`"""
    scores: torch.Tensor
    """`descending[3] via decrements`"""
    knots: torch.Tensor
    """`ordered_in(0.0, 1.0)[3] via isometric_log_ratio`"""
    cuts: torch.Tensor
    """`ordered_in(-1.0, 2.0)[2, 4] via stick_breaking`"""
    inside: torch.Tensor
    """`ball[3] via algebraic`"""
    sparse: torch.Tensor
    """`l1_ball[2] via stick_breaking`"""
    thin: torch.Tensor
    """`l1_ball[2, 4] via algebraic`"""
    phi: torch.Tensor
    """`stationary[2] via partial_autocorrelations`: autoregression"""


class Vectors(cdsl.ConstrainedModule["VectorsValues"]):
    """Vectors: sums, orders, lengths."""

    _doc = "Vectors: sums, orders, lengths."
    _values = VectorsValues
    _declared = (
        cdsl.Declared(
            "effects", cdsl.zero_sum.isometric, sizes=(3,), start=(-1.0, 0.25, 0.75)
        ),
        cdsl.Declared("contrasts", cdsl.zero_sum.householder, batch=(2,), sizes=(4,)),
        cdsl.Declared("direction", cdsl.unit_vector.normalize, sizes=(3,)),
        cdsl.Declared(
            "axis", cdsl.unit_vector.stereographic, sizes=(2,), start=(0.6, 0.8)
        ),
        cdsl.Declared("log_shares", cdsl.log_simplex.isometric_log_ratio, sizes=(4,)),
        cdsl.Declared(
            "log_sticks", cdsl.log_simplex.stick_breaking, batch=(2,), sizes=(3,)
        ),
        cdsl.Declared("log_scores", cdsl.log_simplex.softmax, sizes=(3,)),
        cdsl.Declared(
            "budget",
            cdsl.scaled_simplex.isometric_log_ratio,
            arguments=(100.0,),
            sizes=(3,),
            start=(20.0, 30.0, 50.0),
        ),
        cdsl.Declared(
            "portions", cdsl.scaled_simplex.stick_breaking, arguments=(0.5,), sizes=(3,)
        ),
        cdsl.Declared(
            "rations",
            cdsl.scaled_simplex.softmax,
            arguments=(10.0,),
            batch=(2,),
            sizes=(3,),
        ),
        cdsl.Declared(
            "smoothed",
            cdsl.floored_simplex.isometric_log_ratio,
            arguments=(0.01,),
            sizes=(4,),
        ),
        cdsl.Declared(
            "kept",
            cdsl.floored_simplex.stick_breaking,
            arguments=(0.1,),
            sizes=(3,),
            start=(0.2, 0.3, 0.5),
        ),
        cdsl.Declared(
            "lifted", cdsl.floored_simplex.softmax, arguments=(0.2,), sizes=(3,)
        ),
        cdsl.Declared(
            "weights",
            cdsl.ordered_simplex.isometric_log_ratio,
            sizes=(3,),
            start=(0.2, 0.3, 0.5),
        ),
        cdsl.Declared(
            "ranks", cdsl.ordered_simplex.stick_breaking, batch=(2,), sizes=(3,)
        ),
        cdsl.Declared("places", cdsl.ordered_simplex.softmax, sizes=(3,)),
        cdsl.Declared(
            "scores", cdsl.descending.decrements, sizes=(3,), start=(2.5, 0.0, -1.0)
        ),
        cdsl.Declared(
            "knots",
            cdsl.ordered_in.isometric_log_ratio,
            arguments=(0.0, 1.0),
            sizes=(3,),
            start=(0.1, 0.4, 0.8),
        ),
        cdsl.Declared(
            "cuts",
            cdsl.ordered_in.stick_breaking,
            arguments=(-1.0, 2.0),
            batch=(2,),
            sizes=(4,),
        ),
        cdsl.Declared("inside", cdsl.ball.algebraic, sizes=(3,)),
        cdsl.Declared(
            "sparse", cdsl.l1_ball.stick_breaking, sizes=(2,), start=(0.5, -0.25)
        ),
        cdsl.Declared("thin", cdsl.l1_ball.algebraic, batch=(2,), sizes=(4,)),
        cdsl.Declared(
            "phi",
            cdsl.stationary.partial_autocorrelations,
            sizes=(2,),
            start=(0.5, 0.3),
            doc="autoregression",
        ),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.effects_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.contrasts_raw = torch.nn.Parameter(
            torch.empty((2, 3), dtype=dtype, device=device)
        )
        self.direction_raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.axis_raw = torch.nn.Parameter(torch.empty(1, dtype=dtype, device=device))
        self.log_shares_raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.log_sticks_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.log_scores_raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.budget_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.portions_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.rations_raw = torch.nn.Parameter(
            torch.empty((2, 3), dtype=dtype, device=device)
        )
        self.smoothed_raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.kept_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.lifted_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.weights_raw = torch.nn.Parameter(
            torch.empty(2, dtype=dtype, device=device)
        )
        self.ranks_raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.places_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.scores_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.knots_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.cuts_raw = torch.nn.Parameter(
            torch.empty((2, 4), dtype=dtype, device=device)
        )
        self.inside_raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.sparse_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.thin_raw = torch.nn.Parameter(
            torch.empty((2, 4), dtype=dtype, device=device)
        )
        self.phi_raw = torch.nn.Parameter(torch.empty(2, dtype=dtype, device=device))
        self.reset_parameters()

    def forward(self) -> VectorsValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.effects_raw,
            self.contrasts_raw,
            self.direction_raw,
            self.axis_raw,
            self.log_shares_raw,
            self.log_sticks_raw,
            self.log_scores_raw,
            self.budget_raw,
            self.portions_raw,
            self.rations_raw,
            self.smoothed_raw,
            self.kept_raw,
            self.lifted_raw,
            self.weights_raw,
            self.ranks_raw,
            self.places_raw,
            self.scores_raw,
            self.knots_raw,
            self.cuts_raw,
            self.inside_raw,
            self.sparse_raw,
            self.thin_raw,
            self.phi_raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> VectorsValues:
        (
            effects_raw,
            contrasts_raw,
            direction_raw,
            axis_raw,
            log_shares_raw,
            log_sticks_raw,
            log_scores_raw,
            budget_raw,
            portions_raw,
            rations_raw,
            smoothed_raw,
            kept_raw,
            lifted_raw,
            weights_raw,
            ranks_raw,
            places_raw,
            scores_raw,
            knots_raw,
            cuts_raw,
            inside_raw,
            sparse_raw,
            thin_raw,
            phi_raw,
        ) = raw
        effects = cdsl.zero_sum.isometric(effects_raw)
        contrasts = cdsl.zero_sum.householder(contrasts_raw)
        direction = cdsl.unit_vector.normalize(direction_raw)
        axis = cdsl.unit_vector.stereographic(axis_raw)
        log_shares = cdsl.log_simplex.isometric_log_ratio(log_shares_raw)
        log_sticks = cdsl.log_simplex.stick_breaking(log_sticks_raw)
        log_scores = cdsl.log_simplex.softmax(log_scores_raw)
        budget = cdsl.scaled_simplex.isometric_log_ratio(budget_raw, 100.0)
        portions = cdsl.scaled_simplex.stick_breaking(portions_raw, 0.5)
        rations = cdsl.scaled_simplex.softmax(rations_raw, 10.0)
        smoothed = cdsl.floored_simplex.isometric_log_ratio(smoothed_raw, 0.01)
        kept = cdsl.floored_simplex.stick_breaking(kept_raw, 0.1)
        lifted = cdsl.floored_simplex.softmax(lifted_raw, 0.2)
        weights = cdsl.ordered_simplex.isometric_log_ratio(weights_raw)
        ranks = cdsl.ordered_simplex.stick_breaking(ranks_raw)
        places = cdsl.ordered_simplex.softmax(places_raw)
        scores = cdsl.descending.decrements(scores_raw)
        knots = cdsl.ordered_in.isometric_log_ratio(knots_raw, 0.0, 1.0)
        cuts = cdsl.ordered_in.stick_breaking(cuts_raw, -1.0, 2.0)
        inside = cdsl.ball.algebraic(inside_raw)
        sparse = cdsl.l1_ball.stick_breaking(sparse_raw)
        thin = cdsl.l1_ball.algebraic(thin_raw)
        phi = cdsl.stationary.partial_autocorrelations(phi_raw)
        return VectorsValues(
            effects,
            contrasts,
            direction,
            axis,
            log_shares,
            log_sticks,
            log_scores,
            budget,
            portions,
            rations,
            smoothed,
            kept,
            lifted,
            weights,
            ranks,
            places,
            scores,
            knots,
            cuts,
            inside,
            sparse,
            thin,
            phi,
        )

    def _evaluate_with_log_dets(self, raw: cdsl.Raw) -> cdsl.WithLogDets[VectorsValues]:
        (
            effects_raw,
            contrasts_raw,
            direction_raw,
            axis_raw,
            log_shares_raw,
            log_sticks_raw,
            log_scores_raw,
            budget_raw,
            portions_raw,
            rations_raw,
            smoothed_raw,
            kept_raw,
            lifted_raw,
            weights_raw,
            ranks_raw,
            places_raw,
            scores_raw,
            knots_raw,
            cuts_raw,
            inside_raw,
            sparse_raw,
            thin_raw,
            phi_raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        effects, log_dets["effects"] = cdsl.zero_sum.isometric.with_log_det(effects_raw)
        contrasts, log_dets["contrasts"] = cdsl.zero_sum.householder.with_log_det(
            contrasts_raw, batch=1
        )
        direction, log_dets["direction"] = cdsl.unit_vector.normalize.with_log_det(
            direction_raw
        )
        axis, log_dets["axis"] = cdsl.unit_vector.stereographic.with_log_det(axis_raw)
        log_shares, log_dets["log_shares"] = (
            cdsl.log_simplex.isometric_log_ratio.with_log_det(log_shares_raw)
        )
        log_sticks, log_dets["log_sticks"] = (
            cdsl.log_simplex.stick_breaking.with_log_det(log_sticks_raw, batch=1)
        )
        log_scores = cdsl.log_simplex.softmax(log_scores_raw)
        budget, log_dets["budget"] = (
            cdsl.scaled_simplex.isometric_log_ratio.with_log_det(budget_raw, 100.0)
        )
        portions, log_dets["portions"] = (
            cdsl.scaled_simplex.stick_breaking.with_log_det(portions_raw, 0.5)
        )
        rations = cdsl.scaled_simplex.softmax(rations_raw, 10.0)
        smoothed, log_dets["smoothed"] = (
            cdsl.floored_simplex.isometric_log_ratio.with_log_det(smoothed_raw, 0.01)
        )
        kept, log_dets["kept"] = cdsl.floored_simplex.stick_breaking.with_log_det(
            kept_raw, 0.1
        )
        lifted = cdsl.floored_simplex.softmax(lifted_raw, 0.2)
        weights, log_dets["weights"] = (
            cdsl.ordered_simplex.isometric_log_ratio.with_log_det(weights_raw)
        )
        ranks, log_dets["ranks"] = cdsl.ordered_simplex.stick_breaking.with_log_det(
            ranks_raw, batch=1
        )
        places = cdsl.ordered_simplex.softmax(places_raw)
        scores, log_dets["scores"] = cdsl.descending.decrements.with_log_det(scores_raw)
        knots, log_dets["knots"] = cdsl.ordered_in.isometric_log_ratio.with_log_det(
            knots_raw, 0.0, 1.0
        )
        cuts, log_dets["cuts"] = cdsl.ordered_in.stick_breaking.with_log_det(
            cuts_raw, -1.0, 2.0, batch=1
        )
        inside, log_dets["inside"] = cdsl.ball.algebraic.with_log_det(inside_raw)
        sparse, log_dets["sparse"] = cdsl.l1_ball.stick_breaking.with_log_det(
            sparse_raw
        )
        thin, log_dets["thin"] = cdsl.l1_ball.algebraic.with_log_det(thin_raw, batch=1)
        phi, log_dets["phi"] = cdsl.stationary.partial_autocorrelations.with_log_det(
            phi_raw
        )
        return (
            VectorsValues(
                effects,
                contrasts,
                direction,
                axis,
                log_shares,
                log_sticks,
                log_scores,
                budget,
                portions,
                rations,
                smoothed,
                kept,
                lifted,
                weights,
                ranks,
                places,
                scores,
                knots,
                cuts,
                inside,
                sparse,
                thin,
                phi,
            ),
            log_dets,
        )

    @property
    def effects(self) -> torch.Tensor:
        """`zero_sum[3] via isometric`"""
        return cdsl.zero_sum.isometric(self.effects_raw)

    @effects.setter
    def effects(self, value: cdsl.Settable) -> None:
        self.assign_(effects=value)

    @property
    def contrasts(self) -> torch.Tensor:
        """`zero_sum[2, 4] via householder`"""
        return cdsl.zero_sum.householder(self.contrasts_raw)

    @contrasts.setter
    def contrasts(self, value: cdsl.Settable) -> None:
        self.assign_(contrasts=value)

    @property
    def direction(self) -> torch.Tensor:
        """`unit_vector[3] via normalize`"""
        return cdsl.unit_vector.normalize(self.direction_raw)

    @direction.setter
    def direction(self, value: cdsl.Settable) -> None:
        self.assign_(direction=value)

    @property
    def axis(self) -> torch.Tensor:
        """`unit_vector[2] via stereographic`"""
        return cdsl.unit_vector.stereographic(self.axis_raw)

    @axis.setter
    def axis(self, value: cdsl.Settable) -> None:
        self.assign_(axis=value)

    @property
    def log_shares(self) -> torch.Tensor:
        """`log_simplex[4] via isometric_log_ratio`"""
        return cdsl.log_simplex.isometric_log_ratio(self.log_shares_raw)

    @log_shares.setter
    def log_shares(self, value: cdsl.Settable) -> None:
        self.assign_(log_shares=value)

    @property
    def log_sticks(self) -> torch.Tensor:
        """`log_simplex[2, 3] via stick_breaking`"""
        return cdsl.log_simplex.stick_breaking(self.log_sticks_raw)

    @log_sticks.setter
    def log_sticks(self, value: cdsl.Settable) -> None:
        self.assign_(log_sticks=value)

    @property
    def log_scores(self) -> torch.Tensor:
        """`log_simplex[3] via softmax`"""
        return cdsl.log_simplex.softmax(self.log_scores_raw)

    @log_scores.setter
    def log_scores(self, value: cdsl.Settable) -> None:
        self.assign_(log_scores=value)

    @property
    def budget(self) -> torch.Tensor:
        """`scaled_simplex(100.0)[3] via isometric_log_ratio`"""
        return cdsl.scaled_simplex.isometric_log_ratio(self.budget_raw, 100.0)

    @budget.setter
    def budget(self, value: cdsl.Settable) -> None:
        self.assign_(budget=value)

    @property
    def portions(self) -> torch.Tensor:
        """`scaled_simplex(0.5)[3] via stick_breaking`"""
        return cdsl.scaled_simplex.stick_breaking(self.portions_raw, 0.5)

    @portions.setter
    def portions(self, value: cdsl.Settable) -> None:
        self.assign_(portions=value)

    @property
    def rations(self) -> torch.Tensor:
        """`scaled_simplex(10.0)[2, 3] via softmax`"""
        return cdsl.scaled_simplex.softmax(self.rations_raw, 10.0)

    @rations.setter
    def rations(self, value: cdsl.Settable) -> None:
        self.assign_(rations=value)

    @property
    def smoothed(self) -> torch.Tensor:
        """`floored_simplex(0.01)[4] via isometric_log_ratio`"""
        return cdsl.floored_simplex.isometric_log_ratio(self.smoothed_raw, 0.01)

    @smoothed.setter
    def smoothed(self, value: cdsl.Settable) -> None:
        self.assign_(smoothed=value)

    @property
    def kept(self) -> torch.Tensor:
        """`floored_simplex(0.1)[3] via stick_breaking`"""
        return cdsl.floored_simplex.stick_breaking(self.kept_raw, 0.1)

    @kept.setter
    def kept(self, value: cdsl.Settable) -> None:
        self.assign_(kept=value)

    @property
    def lifted(self) -> torch.Tensor:
        """`floored_simplex(0.2)[3] via softmax`"""
        return cdsl.floored_simplex.softmax(self.lifted_raw, 0.2)

    @lifted.setter
    def lifted(self, value: cdsl.Settable) -> None:
        self.assign_(lifted=value)

    @property
    def weights(self) -> torch.Tensor:
        """`ordered_simplex[3] via isometric_log_ratio`"""
        return cdsl.ordered_simplex.isometric_log_ratio(self.weights_raw)

    @weights.setter
    def weights(self, value: cdsl.Settable) -> None:
        self.assign_(weights=value)

    @property
    def ranks(self) -> torch.Tensor:
        """`ordered_simplex[2, 3] via stick_breaking`"""
        return cdsl.ordered_simplex.stick_breaking(self.ranks_raw)

    @ranks.setter
    def ranks(self, value: cdsl.Settable) -> None:
        self.assign_(ranks=value)

    @property
    def places(self) -> torch.Tensor:
        """`ordered_simplex[3] via softmax`"""
        return cdsl.ordered_simplex.softmax(self.places_raw)

    @places.setter
    def places(self, value: cdsl.Settable) -> None:
        self.assign_(places=value)

    @property
    def scores(self) -> torch.Tensor:
        """`descending[3] via decrements`"""
        return cdsl.descending.decrements(self.scores_raw)

    @scores.setter
    def scores(self, value: cdsl.Settable) -> None:
        self.assign_(scores=value)

    @property
    def knots(self) -> torch.Tensor:
        """`ordered_in(0.0, 1.0)[3] via isometric_log_ratio`"""
        return cdsl.ordered_in.isometric_log_ratio(self.knots_raw, 0.0, 1.0)

    @knots.setter
    def knots(self, value: cdsl.Settable) -> None:
        self.assign_(knots=value)

    @property
    def cuts(self) -> torch.Tensor:
        """`ordered_in(-1.0, 2.0)[2, 4] via stick_breaking`"""
        return cdsl.ordered_in.stick_breaking(self.cuts_raw, -1.0, 2.0)

    @cuts.setter
    def cuts(self, value: cdsl.Settable) -> None:
        self.assign_(cuts=value)

    @property
    def inside(self) -> torch.Tensor:
        """`ball[3] via algebraic`"""
        return cdsl.ball.algebraic(self.inside_raw)

    @inside.setter
    def inside(self, value: cdsl.Settable) -> None:
        self.assign_(inside=value)

    @property
    def sparse(self) -> torch.Tensor:
        """`l1_ball[2] via stick_breaking`"""
        return cdsl.l1_ball.stick_breaking(self.sparse_raw)

    @sparse.setter
    def sparse(self, value: cdsl.Settable) -> None:
        self.assign_(sparse=value)

    @property
    def thin(self) -> torch.Tensor:
        """`l1_ball[2, 4] via algebraic`"""
        return cdsl.l1_ball.algebraic(self.thin_raw)

    @thin.setter
    def thin(self, value: cdsl.Settable) -> None:
        self.assign_(thin=value)

    @property
    def phi(self) -> torch.Tensor:
        """`stationary[2] via partial_autocorrelations`: autoregression"""
        return cdsl.stationary.partial_autocorrelations(self.phi_raw)

    @phi.setter
    def phi(self, value: cdsl.Settable) -> None:
        self.assign_(phi=value)
