# Compiled by cdsl. To change this module, change its spec and compile that again.

from typing import NamedTuple

import torch

from cdsl import runtime as cdsl


@cdsl.values
class MatricesValues(NamedTuple):
    """The constrained values of a `Matrices`."""

    cholesky_corr_: torch.Tensor
    """`cholesky_corr[3] via tanh`"""
    cholesky_corr_row_normalize_: torch.Tensor
    """`cholesky_corr[3] via row_normalize`"""
    cholesky_cov_: torch.Tensor
    """`cholesky_cov[3, 2] via log_diagonal`"""
    cholesky_cov_softplus_diagonal_: torch.Tensor
    """`cholesky_cov[3, 2] via softplus_diagonal`"""
    column_stochastic_: torch.Tensor
    """`column_stochastic[3, 2] via isometric_log_ratio`"""
    column_stochastic_stick_breaking_: torch.Tensor
    """`column_stochastic[3, 2] via stick_breaking`"""
    column_stochastic_softmax_: torch.Tensor
    """`column_stochastic[3, 2] via softmax`"""
    corr_: torch.Tensor
    """`corr[3] via partial_correlations`"""
    cov_: torch.Tensor
    """`cov[3] via log_cholesky`"""
    cov_lkj_: torch.Tensor
    """`cov[3] via lkj`"""
    doubly_stochastic_: torch.Tensor
    """`doubly_stochastic[3] via sinkhorn`"""
    generator_: torch.Tensor
    """`generator[3] via exp`"""
    generator_softplus_: torch.Tensor
    """`generator[3] via softplus`"""
    grassmann_: torch.Tensor
    """`grassmann[3, 2] via graph`"""
    hurwitz_: torch.Tensor
    """`hurwitz[3] via lyapunov`"""
    invertible_: torch.Tensor
    """`invertible[3] via rotation_triangle`"""
    low_rank_: torch.Tensor
    """`low_rank[3, 2, 2] via factors`"""
    lower_triangular_: torch.Tensor
    """`lower_triangular[3] via rows`"""
    orthogonal_: torch.Tensor
    """`orthogonal[3] via cayley`"""
    precision_: torch.Tensor
    """`precision[3] via log_cholesky`"""
    precision_lkj_: torch.Tensor
    """`precision[3] via lkj`"""
    psd_: torch.Tensor
    """`psd[3] via log_cholesky`"""
    psd_lower_factor_: torch.Tensor
    """`psd[3] via lower_factor`"""
    psd_rank_: torch.Tensor
    """`psd_rank[3, 2] via log_trapezoid`"""
    psd_rank_factor_: torch.Tensor
    """`psd_rank[3, 2] via factor`"""
    rotation_: torch.Tensor
    """`rotation[3] via cayley`"""
    rotation_matrix_exp_: torch.Tensor
    """`rotation[3] via matrix_exp`"""
    row_stochastic_: torch.Tensor
    """`row_stochastic[3, 2] via isometric_log_ratio`"""
    row_stochastic_stick_breaking_: torch.Tensor
    """`row_stochastic[3, 2] via stick_breaking`"""
    row_stochastic_softmax_: torch.Tensor
    """`row_stochastic[3, 2] via softmax`"""
    skew_: torch.Tensor
    """`skew[3] via opposite`"""
    special_linear_: torch.Tensor
    """`special_linear[3] via rotation_triangle`"""
    stiefel_: torch.Tensor
    """`stiefel[3, 2] via cayley`"""
    symmetric_: torch.Tensor
    """`symmetric[3] via mirrored`"""
    unit_lower_: torch.Tensor
    """`unit_lower[3] via rows`"""
    zero_sum_matrix_: torch.Tensor
    """`zero_sum_matrix[3, 2] via isometric`"""


class Matrices(cdsl.ConstrainedModule["MatricesValues"]):
    """Every matrix, by every transform."""

    _doc = "Every matrix, by every transform."
    _values = MatricesValues
    _declared = (
        cdsl.Declared("cholesky_corr_", cdsl.cholesky_corr.tanh, sizes=(3,)),
        cdsl.Declared(
            "cholesky_corr_row_normalize_", cdsl.cholesky_corr.row_normalize, sizes=(3,)
        ),
        cdsl.Declared("cholesky_cov_", cdsl.cholesky_cov.log_diagonal, sizes=(3, 2)),
        cdsl.Declared(
            "cholesky_cov_softplus_diagonal_",
            cdsl.cholesky_cov.softplus_diagonal,
            sizes=(3, 2),
        ),
        cdsl.Declared(
            "column_stochastic_",
            cdsl.column_stochastic.isometric_log_ratio,
            sizes=(3, 2),
        ),
        cdsl.Declared(
            "column_stochastic_stick_breaking_",
            cdsl.column_stochastic.stick_breaking,
            sizes=(3, 2),
        ),
        cdsl.Declared(
            "column_stochastic_softmax_", cdsl.column_stochastic.softmax, sizes=(3, 2)
        ),
        cdsl.Declared("corr_", cdsl.corr.partial_correlations, sizes=(3,)),
        cdsl.Declared("cov_", cdsl.cov.log_cholesky, sizes=(3,)),
        cdsl.Declared("cov_lkj_", cdsl.cov.lkj, sizes=(3,)),
        cdsl.Declared(
            "doubly_stochastic_", cdsl.doubly_stochastic.sinkhorn, sizes=(3,)
        ),
        cdsl.Declared("generator_", cdsl.generator.exp, sizes=(3,)),
        cdsl.Declared("generator_softplus_", cdsl.generator.softplus, sizes=(3,)),
        cdsl.Declared("grassmann_", cdsl.grassmann.graph, sizes=(3, 2)),
        cdsl.Declared("hurwitz_", cdsl.hurwitz.lyapunov, sizes=(3,)),
        cdsl.Declared("invertible_", cdsl.invertible.rotation_triangle, sizes=(3,)),
        cdsl.Declared("low_rank_", cdsl.low_rank.factors, sizes=(3, 2, 2)),
        cdsl.Declared("lower_triangular_", cdsl.lower_triangular.rows, sizes=(3,)),
        cdsl.Declared("orthogonal_", cdsl.orthogonal.cayley, sizes=(3,)),
        cdsl.Declared("precision_", cdsl.precision.log_cholesky, sizes=(3,)),
        cdsl.Declared("precision_lkj_", cdsl.precision.lkj, sizes=(3,)),
        cdsl.Declared("psd_", cdsl.psd.log_cholesky, sizes=(3,)),
        cdsl.Declared("psd_lower_factor_", cdsl.psd.lower_factor, sizes=(3,)),
        cdsl.Declared("psd_rank_", cdsl.psd_rank.log_trapezoid, sizes=(3, 2)),
        cdsl.Declared("psd_rank_factor_", cdsl.psd_rank.factor, sizes=(3, 2)),
        cdsl.Declared("rotation_", cdsl.rotation.cayley, sizes=(3,)),
        cdsl.Declared("rotation_matrix_exp_", cdsl.rotation.matrix_exp, sizes=(3,)),
        cdsl.Declared(
            "row_stochastic_", cdsl.row_stochastic.isometric_log_ratio, sizes=(3, 2)
        ),
        cdsl.Declared(
            "row_stochastic_stick_breaking_",
            cdsl.row_stochastic.stick_breaking,
            sizes=(3, 2),
        ),
        cdsl.Declared(
            "row_stochastic_softmax_", cdsl.row_stochastic.softmax, sizes=(3, 2)
        ),
        cdsl.Declared("skew_", cdsl.skew.opposite, sizes=(3,)),
        cdsl.Declared(
            "special_linear_", cdsl.special_linear.rotation_triangle, sizes=(3,)
        ),
        cdsl.Declared("stiefel_", cdsl.stiefel.cayley, sizes=(3, 2)),
        cdsl.Declared("symmetric_", cdsl.symmetric.mirrored, sizes=(3,)),
        cdsl.Declared("unit_lower_", cdsl.unit_lower.rows, sizes=(3,)),
        cdsl.Declared("zero_sum_matrix_", cdsl.zero_sum_matrix.isometric, sizes=(3, 2)),
    )

    def __init__(
        self, *, dtype: torch.dtype | None = None, device: cdsl.Device = None
    ) -> None:
        super().__init__()
        self.cholesky_corr__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.cholesky_corr_row_normalize__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.cholesky_cov__raw = torch.nn.Parameter(
            torch.empty(5, dtype=dtype, device=device)
        )
        self.cholesky_cov_softplus_diagonal__raw = torch.nn.Parameter(
            torch.empty(5, dtype=dtype, device=device)
        )
        self.column_stochastic__raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.column_stochastic_stick_breaking__raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.column_stochastic_softmax__raw = torch.nn.Parameter(
            torch.empty((2, 3), dtype=dtype, device=device)
        )
        self.corr__raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.cov__raw = torch.nn.Parameter(torch.empty(6, dtype=dtype, device=device))
        self.cov_lkj__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.doubly_stochastic__raw = torch.nn.Parameter(
            torch.empty((2, 2), dtype=dtype, device=device)
        )
        self.generator__raw = torch.nn.Parameter(
            torch.empty((3, 2), dtype=dtype, device=device)
        )
        self.generator_softplus__raw = torch.nn.Parameter(
            torch.empty((3, 2), dtype=dtype, device=device)
        )
        self.grassmann__raw = torch.nn.Parameter(
            torch.empty((1, 2), dtype=dtype, device=device)
        )
        self.hurwitz__raw = torch.nn.Parameter(
            torch.empty(9, dtype=dtype, device=device)
        )
        self.invertible__raw = torch.nn.Parameter(
            torch.empty((3, 3), dtype=dtype, device=device)
        )
        self.low_rank__raw = torch.nn.Parameter(
            torch.empty((5, 2), dtype=dtype, device=device)
        )
        self.lower_triangular__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.orthogonal__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.precision__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.precision_lkj__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.psd__raw = torch.nn.Parameter(torch.empty(6, dtype=dtype, device=device))
        self.psd_lower_factor__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.psd_rank__raw = torch.nn.Parameter(
            torch.empty(5, dtype=dtype, device=device)
        )
        self.psd_rank_factor__raw = torch.nn.Parameter(
            torch.empty((3, 2), dtype=dtype, device=device)
        )
        self.rotation__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.rotation_matrix_exp__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.row_stochastic__raw = torch.nn.Parameter(
            torch.empty((1, 3), dtype=dtype, device=device)
        )
        self.row_stochastic_stick_breaking__raw = torch.nn.Parameter(
            torch.empty((1, 3), dtype=dtype, device=device)
        )
        self.row_stochastic_softmax__raw = torch.nn.Parameter(
            torch.empty((2, 3), dtype=dtype, device=device)
        )
        self.skew__raw = torch.nn.Parameter(torch.empty(3, dtype=dtype, device=device))
        self.special_linear__raw = torch.nn.Parameter(
            torch.empty(8, dtype=dtype, device=device)
        )
        self.stiefel__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.symmetric__raw = torch.nn.Parameter(
            torch.empty(6, dtype=dtype, device=device)
        )
        self.unit_lower__raw = torch.nn.Parameter(
            torch.empty(3, dtype=dtype, device=device)
        )
        self.zero_sum_matrix__raw = torch.nn.Parameter(
            torch.empty((1, 2), dtype=dtype, device=device)
        )
        self.reset_parameters()

    def forward(self) -> MatricesValues:
        return self._evaluate(self._raw())

    def _stored(self) -> cdsl.Raw:
        return (
            self.cholesky_corr__raw,
            self.cholesky_corr_row_normalize__raw,
            self.cholesky_cov__raw,
            self.cholesky_cov_softplus_diagonal__raw,
            self.column_stochastic__raw,
            self.column_stochastic_stick_breaking__raw,
            self.column_stochastic_softmax__raw,
            self.corr__raw,
            self.cov__raw,
            self.cov_lkj__raw,
            self.doubly_stochastic__raw,
            self.generator__raw,
            self.generator_softplus__raw,
            self.grassmann__raw,
            self.hurwitz__raw,
            self.invertible__raw,
            self.low_rank__raw,
            self.lower_triangular__raw,
            self.orthogonal__raw,
            self.precision__raw,
            self.precision_lkj__raw,
            self.psd__raw,
            self.psd_lower_factor__raw,
            self.psd_rank__raw,
            self.psd_rank_factor__raw,
            self.rotation__raw,
            self.rotation_matrix_exp__raw,
            self.row_stochastic__raw,
            self.row_stochastic_stick_breaking__raw,
            self.row_stochastic_softmax__raw,
            self.skew__raw,
            self.special_linear__raw,
            self.stiefel__raw,
            self.symmetric__raw,
            self.unit_lower__raw,
            self.zero_sum_matrix__raw,
        )

    def _evaluate(self, raw: cdsl.Raw) -> MatricesValues:
        (
            cholesky_corr__raw,
            cholesky_corr_row_normalize__raw,
            cholesky_cov__raw,
            cholesky_cov_softplus_diagonal__raw,
            column_stochastic__raw,
            column_stochastic_stick_breaking__raw,
            column_stochastic_softmax__raw,
            corr__raw,
            cov__raw,
            cov_lkj__raw,
            doubly_stochastic__raw,
            generator__raw,
            generator_softplus__raw,
            grassmann__raw,
            hurwitz__raw,
            invertible__raw,
            low_rank__raw,
            lower_triangular__raw,
            orthogonal__raw,
            precision__raw,
            precision_lkj__raw,
            psd__raw,
            psd_lower_factor__raw,
            psd_rank__raw,
            psd_rank_factor__raw,
            rotation__raw,
            rotation_matrix_exp__raw,
            row_stochastic__raw,
            row_stochastic_stick_breaking__raw,
            row_stochastic_softmax__raw,
            skew__raw,
            special_linear__raw,
            stiefel__raw,
            symmetric__raw,
            unit_lower__raw,
            zero_sum_matrix__raw,
        ) = raw
        cholesky_corr_ = cdsl.cholesky_corr.tanh(cholesky_corr__raw)
        cholesky_corr_row_normalize_ = cdsl.cholesky_corr.row_normalize(
            cholesky_corr_row_normalize__raw
        )
        cholesky_cov_ = cdsl.cholesky_cov.log_diagonal(cholesky_cov__raw, 3, 2)
        cholesky_cov_softplus_diagonal_ = cdsl.cholesky_cov.softplus_diagonal(
            cholesky_cov_softplus_diagonal__raw, 3, 2
        )
        column_stochastic_ = cdsl.column_stochastic.isometric_log_ratio(
            column_stochastic__raw
        )
        column_stochastic_stick_breaking_ = cdsl.column_stochastic.stick_breaking(
            column_stochastic_stick_breaking__raw
        )
        column_stochastic_softmax_ = cdsl.column_stochastic.softmax(
            column_stochastic_softmax__raw
        )
        corr_ = cdsl.corr.partial_correlations(corr__raw)
        cov_ = cdsl.cov.log_cholesky(cov__raw)
        cov_lkj_ = cdsl.cov.lkj(cov_lkj__raw)
        doubly_stochastic_ = cdsl.doubly_stochastic.sinkhorn(doubly_stochastic__raw)
        generator_ = cdsl.generator.exp(generator__raw)
        generator_softplus_ = cdsl.generator.softplus(generator_softplus__raw)
        grassmann_ = cdsl.grassmann.graph(grassmann__raw)
        hurwitz_ = cdsl.hurwitz.lyapunov(hurwitz__raw)
        invertible_ = cdsl.invertible.rotation_triangle(invertible__raw)
        low_rank_ = cdsl.low_rank.factors(low_rank__raw, 3, 2, 2)
        lower_triangular_ = cdsl.lower_triangular.rows(lower_triangular__raw)
        orthogonal_ = cdsl.orthogonal.cayley(orthogonal__raw)
        precision_ = cdsl.precision.log_cholesky(precision__raw)
        precision_lkj_ = cdsl.precision.lkj(precision_lkj__raw)
        psd_ = cdsl.psd.log_cholesky(psd__raw)
        psd_lower_factor_ = cdsl.psd.lower_factor(psd_lower_factor__raw)
        psd_rank_ = cdsl.psd_rank.log_trapezoid(psd_rank__raw, 3, 2)
        psd_rank_factor_ = cdsl.psd_rank.factor(psd_rank_factor__raw, 3, 2)
        rotation_ = cdsl.rotation.cayley(rotation__raw)
        rotation_matrix_exp_ = cdsl.rotation.matrix_exp(rotation_matrix_exp__raw)
        row_stochastic_ = cdsl.row_stochastic.isometric_log_ratio(row_stochastic__raw)
        row_stochastic_stick_breaking_ = cdsl.row_stochastic.stick_breaking(
            row_stochastic_stick_breaking__raw
        )
        row_stochastic_softmax_ = cdsl.row_stochastic.softmax(
            row_stochastic_softmax__raw
        )
        skew_ = cdsl.skew.opposite(skew__raw)
        special_linear_ = cdsl.special_linear.rotation_triangle(special_linear__raw)
        stiefel_ = cdsl.stiefel.cayley(stiefel__raw, 3, 2)
        symmetric_ = cdsl.symmetric.mirrored(symmetric__raw)
        unit_lower_ = cdsl.unit_lower.rows(unit_lower__raw)
        zero_sum_matrix_ = cdsl.zero_sum_matrix.isometric(zero_sum_matrix__raw)
        return MatricesValues(
            cholesky_corr_,
            cholesky_corr_row_normalize_,
            cholesky_cov_,
            cholesky_cov_softplus_diagonal_,
            column_stochastic_,
            column_stochastic_stick_breaking_,
            column_stochastic_softmax_,
            corr_,
            cov_,
            cov_lkj_,
            doubly_stochastic_,
            generator_,
            generator_softplus_,
            grassmann_,
            hurwitz_,
            invertible_,
            low_rank_,
            lower_triangular_,
            orthogonal_,
            precision_,
            precision_lkj_,
            psd_,
            psd_lower_factor_,
            psd_rank_,
            psd_rank_factor_,
            rotation_,
            rotation_matrix_exp_,
            row_stochastic_,
            row_stochastic_stick_breaking_,
            row_stochastic_softmax_,
            skew_,
            special_linear_,
            stiefel_,
            symmetric_,
            unit_lower_,
            zero_sum_matrix_,
        )

    def _evaluate_with_log_dets(
        self, raw: cdsl.Raw
    ) -> cdsl.WithLogDets[MatricesValues]:
        (
            cholesky_corr__raw,
            cholesky_corr_row_normalize__raw,
            cholesky_cov__raw,
            cholesky_cov_softplus_diagonal__raw,
            column_stochastic__raw,
            column_stochastic_stick_breaking__raw,
            column_stochastic_softmax__raw,
            corr__raw,
            cov__raw,
            cov_lkj__raw,
            doubly_stochastic__raw,
            generator__raw,
            generator_softplus__raw,
            grassmann__raw,
            hurwitz__raw,
            invertible__raw,
            low_rank__raw,
            lower_triangular__raw,
            orthogonal__raw,
            precision__raw,
            precision_lkj__raw,
            psd__raw,
            psd_lower_factor__raw,
            psd_rank__raw,
            psd_rank_factor__raw,
            rotation__raw,
            rotation_matrix_exp__raw,
            row_stochastic__raw,
            row_stochastic_stick_breaking__raw,
            row_stochastic_softmax__raw,
            skew__raw,
            special_linear__raw,
            stiefel__raw,
            symmetric__raw,
            unit_lower__raw,
            zero_sum_matrix__raw,
        ) = raw
        log_dets: cdsl.LogDets = {}
        cholesky_corr_, log_dets["cholesky_corr_"] = (
            cdsl.cholesky_corr.tanh.with_log_det(cholesky_corr__raw)
        )
        cholesky_corr_row_normalize_, log_dets["cholesky_corr_row_normalize_"] = (
            cdsl.cholesky_corr.row_normalize.with_log_det(
                cholesky_corr_row_normalize__raw
            )
        )
        cholesky_cov_, log_dets["cholesky_cov_"] = (
            cdsl.cholesky_cov.log_diagonal.with_log_det(cholesky_cov__raw, 3, 2)
        )
        cholesky_cov_softplus_diagonal_, log_dets["cholesky_cov_softplus_diagonal_"] = (
            cdsl.cholesky_cov.softplus_diagonal.with_log_det(
                cholesky_cov_softplus_diagonal__raw, 3, 2
            )
        )
        column_stochastic_, log_dets["column_stochastic_"] = (
            cdsl.column_stochastic.isometric_log_ratio.with_log_det(
                column_stochastic__raw
            )
        )
        (
            column_stochastic_stick_breaking_,
            log_dets["column_stochastic_stick_breaking_"],
        ) = cdsl.column_stochastic.stick_breaking.with_log_det(
            column_stochastic_stick_breaking__raw
        )
        column_stochastic_softmax_ = cdsl.column_stochastic.softmax(
            column_stochastic_softmax__raw
        )
        corr_, log_dets["corr_"] = cdsl.corr.partial_correlations.with_log_det(
            corr__raw
        )
        cov_, log_dets["cov_"] = cdsl.cov.log_cholesky.with_log_det(cov__raw)
        cov_lkj_, log_dets["cov_lkj_"] = cdsl.cov.lkj.with_log_det(cov_lkj__raw)
        doubly_stochastic_, log_dets["doubly_stochastic_"] = (
            cdsl.doubly_stochastic.sinkhorn.with_log_det(doubly_stochastic__raw)
        )
        generator_, log_dets["generator_"] = cdsl.generator.exp.with_log_det(
            generator__raw
        )
        generator_softplus_, log_dets["generator_softplus_"] = (
            cdsl.generator.softplus.with_log_det(generator_softplus__raw)
        )
        grassmann_, log_dets["grassmann_"] = cdsl.grassmann.graph.with_log_det(
            grassmann__raw
        )
        hurwitz_, log_dets["hurwitz_"] = cdsl.hurwitz.lyapunov.with_log_det(
            hurwitz__raw
        )
        invertible_, log_dets["invertible_"] = (
            cdsl.invertible.rotation_triangle.with_log_det(invertible__raw)
        )
        low_rank_ = cdsl.low_rank.factors(low_rank__raw, 3, 2, 2)
        lower_triangular_, log_dets["lower_triangular_"] = (
            cdsl.lower_triangular.rows.with_log_det(lower_triangular__raw)
        )
        orthogonal_ = cdsl.orthogonal.cayley(orthogonal__raw)
        precision_, log_dets["precision_"] = cdsl.precision.log_cholesky.with_log_det(
            precision__raw
        )
        precision_lkj_, log_dets["precision_lkj_"] = cdsl.precision.lkj.with_log_det(
            precision_lkj__raw
        )
        psd_, log_dets["psd_"] = cdsl.psd.log_cholesky.with_log_det(psd__raw)
        psd_lower_factor_ = cdsl.psd.lower_factor(psd_lower_factor__raw)
        psd_rank_, log_dets["psd_rank_"] = cdsl.psd_rank.log_trapezoid.with_log_det(
            psd_rank__raw, 3, 2
        )
        psd_rank_factor_ = cdsl.psd_rank.factor(psd_rank_factor__raw, 3, 2)
        rotation_, log_dets["rotation_"] = cdsl.rotation.cayley.with_log_det(
            rotation__raw
        )
        rotation_matrix_exp_ = cdsl.rotation.matrix_exp(rotation_matrix_exp__raw)
        row_stochastic_, log_dets["row_stochastic_"] = (
            cdsl.row_stochastic.isometric_log_ratio.with_log_det(row_stochastic__raw)
        )
        row_stochastic_stick_breaking_, log_dets["row_stochastic_stick_breaking_"] = (
            cdsl.row_stochastic.stick_breaking.with_log_det(
                row_stochastic_stick_breaking__raw
            )
        )
        row_stochastic_softmax_ = cdsl.row_stochastic.softmax(
            row_stochastic_softmax__raw
        )
        skew_, log_dets["skew_"] = cdsl.skew.opposite.with_log_det(skew__raw)
        special_linear_, log_dets["special_linear_"] = (
            cdsl.special_linear.rotation_triangle.with_log_det(special_linear__raw)
        )
        stiefel_, log_dets["stiefel_"] = cdsl.stiefel.cayley.with_log_det(
            stiefel__raw, 3, 2
        )
        symmetric_, log_dets["symmetric_"] = cdsl.symmetric.mirrored.with_log_det(
            symmetric__raw
        )
        unit_lower_, log_dets["unit_lower_"] = cdsl.unit_lower.rows.with_log_det(
            unit_lower__raw
        )
        zero_sum_matrix_, log_dets["zero_sum_matrix_"] = (
            cdsl.zero_sum_matrix.isometric.with_log_det(zero_sum_matrix__raw)
        )
        return (
            MatricesValues(
                cholesky_corr_,
                cholesky_corr_row_normalize_,
                cholesky_cov_,
                cholesky_cov_softplus_diagonal_,
                column_stochastic_,
                column_stochastic_stick_breaking_,
                column_stochastic_softmax_,
                corr_,
                cov_,
                cov_lkj_,
                doubly_stochastic_,
                generator_,
                generator_softplus_,
                grassmann_,
                hurwitz_,
                invertible_,
                low_rank_,
                lower_triangular_,
                orthogonal_,
                precision_,
                precision_lkj_,
                psd_,
                psd_lower_factor_,
                psd_rank_,
                psd_rank_factor_,
                rotation_,
                rotation_matrix_exp_,
                row_stochastic_,
                row_stochastic_stick_breaking_,
                row_stochastic_softmax_,
                skew_,
                special_linear_,
                stiefel_,
                symmetric_,
                unit_lower_,
                zero_sum_matrix_,
            ),
            log_dets,
        )

    @property
    def cholesky_corr_(self) -> torch.Tensor:
        """`cholesky_corr[3] via tanh`"""
        return cdsl.cholesky_corr.tanh(self.cholesky_corr__raw)

    @cholesky_corr_.setter
    def cholesky_corr_(self, value: cdsl.Settable) -> None:
        self.assign_(cholesky_corr_=value)

    @property
    def cholesky_corr_row_normalize_(self) -> torch.Tensor:
        """`cholesky_corr[3] via row_normalize`"""
        return cdsl.cholesky_corr.row_normalize(self.cholesky_corr_row_normalize__raw)

    @cholesky_corr_row_normalize_.setter
    def cholesky_corr_row_normalize_(self, value: cdsl.Settable) -> None:
        self.assign_(cholesky_corr_row_normalize_=value)

    @property
    def cholesky_cov_(self) -> torch.Tensor:
        """`cholesky_cov[3, 2] via log_diagonal`"""
        return cdsl.cholesky_cov.log_diagonal(self.cholesky_cov__raw, 3, 2)

    @cholesky_cov_.setter
    def cholesky_cov_(self, value: cdsl.Settable) -> None:
        self.assign_(cholesky_cov_=value)

    @property
    def cholesky_cov_softplus_diagonal_(self) -> torch.Tensor:
        """`cholesky_cov[3, 2] via softplus_diagonal`"""
        return cdsl.cholesky_cov.softplus_diagonal(
            self.cholesky_cov_softplus_diagonal__raw, 3, 2
        )

    @cholesky_cov_softplus_diagonal_.setter
    def cholesky_cov_softplus_diagonal_(self, value: cdsl.Settable) -> None:
        self.assign_(cholesky_cov_softplus_diagonal_=value)

    @property
    def column_stochastic_(self) -> torch.Tensor:
        """`column_stochastic[3, 2] via isometric_log_ratio`"""
        return cdsl.column_stochastic.isometric_log_ratio(self.column_stochastic__raw)

    @column_stochastic_.setter
    def column_stochastic_(self, value: cdsl.Settable) -> None:
        self.assign_(column_stochastic_=value)

    @property
    def column_stochastic_stick_breaking_(self) -> torch.Tensor:
        """`column_stochastic[3, 2] via stick_breaking`"""
        return cdsl.column_stochastic.stick_breaking(
            self.column_stochastic_stick_breaking__raw
        )

    @column_stochastic_stick_breaking_.setter
    def column_stochastic_stick_breaking_(self, value: cdsl.Settable) -> None:
        self.assign_(column_stochastic_stick_breaking_=value)

    @property
    def column_stochastic_softmax_(self) -> torch.Tensor:
        """`column_stochastic[3, 2] via softmax`"""
        return cdsl.column_stochastic.softmax(self.column_stochastic_softmax__raw)

    @column_stochastic_softmax_.setter
    def column_stochastic_softmax_(self, value: cdsl.Settable) -> None:
        self.assign_(column_stochastic_softmax_=value)

    @property
    def corr_(self) -> torch.Tensor:
        """`corr[3] via partial_correlations`"""
        return cdsl.corr.partial_correlations(self.corr__raw)

    @corr_.setter
    def corr_(self, value: cdsl.Settable) -> None:
        self.assign_(corr_=value)

    @property
    def cov_(self) -> torch.Tensor:
        """`cov[3] via log_cholesky`"""
        return cdsl.cov.log_cholesky(self.cov__raw)

    @cov_.setter
    def cov_(self, value: cdsl.Settable) -> None:
        self.assign_(cov_=value)

    @property
    def cov_lkj_(self) -> torch.Tensor:
        """`cov[3] via lkj`"""
        return cdsl.cov.lkj(self.cov_lkj__raw)

    @cov_lkj_.setter
    def cov_lkj_(self, value: cdsl.Settable) -> None:
        self.assign_(cov_lkj_=value)

    @property
    def doubly_stochastic_(self) -> torch.Tensor:
        """`doubly_stochastic[3] via sinkhorn`"""
        return cdsl.doubly_stochastic.sinkhorn(self.doubly_stochastic__raw)

    @doubly_stochastic_.setter
    def doubly_stochastic_(self, value: cdsl.Settable) -> None:
        self.assign_(doubly_stochastic_=value)

    @property
    def generator_(self) -> torch.Tensor:
        """`generator[3] via exp`"""
        return cdsl.generator.exp(self.generator__raw)

    @generator_.setter
    def generator_(self, value: cdsl.Settable) -> None:
        self.assign_(generator_=value)

    @property
    def generator_softplus_(self) -> torch.Tensor:
        """`generator[3] via softplus`"""
        return cdsl.generator.softplus(self.generator_softplus__raw)

    @generator_softplus_.setter
    def generator_softplus_(self, value: cdsl.Settable) -> None:
        self.assign_(generator_softplus_=value)

    @property
    def grassmann_(self) -> torch.Tensor:
        """`grassmann[3, 2] via graph`"""
        return cdsl.grassmann.graph(self.grassmann__raw)

    @grassmann_.setter
    def grassmann_(self, value: cdsl.Settable) -> None:
        self.assign_(grassmann_=value)

    @property
    def hurwitz_(self) -> torch.Tensor:
        """`hurwitz[3] via lyapunov`"""
        return cdsl.hurwitz.lyapunov(self.hurwitz__raw)

    @hurwitz_.setter
    def hurwitz_(self, value: cdsl.Settable) -> None:
        self.assign_(hurwitz_=value)

    @property
    def invertible_(self) -> torch.Tensor:
        """`invertible[3] via rotation_triangle`"""
        return cdsl.invertible.rotation_triangle(self.invertible__raw)

    @invertible_.setter
    def invertible_(self, value: cdsl.Settable) -> None:
        self.assign_(invertible_=value)

    @property
    def low_rank_(self) -> torch.Tensor:
        """`low_rank[3, 2, 2] via factors`"""
        return cdsl.low_rank.factors(self.low_rank__raw, 3, 2, 2)

    @low_rank_.setter
    def low_rank_(self, value: cdsl.Settable) -> None:
        self.assign_(low_rank_=value)

    @property
    def lower_triangular_(self) -> torch.Tensor:
        """`lower_triangular[3] via rows`"""
        return cdsl.lower_triangular.rows(self.lower_triangular__raw)

    @lower_triangular_.setter
    def lower_triangular_(self, value: cdsl.Settable) -> None:
        self.assign_(lower_triangular_=value)

    @property
    def orthogonal_(self) -> torch.Tensor:
        """`orthogonal[3] via cayley`"""
        return cdsl.orthogonal.cayley(self.orthogonal__raw)

    @orthogonal_.setter
    def orthogonal_(self, value: cdsl.Settable) -> None:
        self.assign_(orthogonal_=value)

    @property
    def precision_(self) -> torch.Tensor:
        """`precision[3] via log_cholesky`"""
        return cdsl.precision.log_cholesky(self.precision__raw)

    @precision_.setter
    def precision_(self, value: cdsl.Settable) -> None:
        self.assign_(precision_=value)

    @property
    def precision_lkj_(self) -> torch.Tensor:
        """`precision[3] via lkj`"""
        return cdsl.precision.lkj(self.precision_lkj__raw)

    @precision_lkj_.setter
    def precision_lkj_(self, value: cdsl.Settable) -> None:
        self.assign_(precision_lkj_=value)

    @property
    def psd_(self) -> torch.Tensor:
        """`psd[3] via log_cholesky`"""
        return cdsl.psd.log_cholesky(self.psd__raw)

    @psd_.setter
    def psd_(self, value: cdsl.Settable) -> None:
        self.assign_(psd_=value)

    @property
    def psd_lower_factor_(self) -> torch.Tensor:
        """`psd[3] via lower_factor`"""
        return cdsl.psd.lower_factor(self.psd_lower_factor__raw)

    @psd_lower_factor_.setter
    def psd_lower_factor_(self, value: cdsl.Settable) -> None:
        self.assign_(psd_lower_factor_=value)

    @property
    def psd_rank_(self) -> torch.Tensor:
        """`psd_rank[3, 2] via log_trapezoid`"""
        return cdsl.psd_rank.log_trapezoid(self.psd_rank__raw, 3, 2)

    @psd_rank_.setter
    def psd_rank_(self, value: cdsl.Settable) -> None:
        self.assign_(psd_rank_=value)

    @property
    def psd_rank_factor_(self) -> torch.Tensor:
        """`psd_rank[3, 2] via factor`"""
        return cdsl.psd_rank.factor(self.psd_rank_factor__raw, 3, 2)

    @psd_rank_factor_.setter
    def psd_rank_factor_(self, value: cdsl.Settable) -> None:
        self.assign_(psd_rank_factor_=value)

    @property
    def rotation_(self) -> torch.Tensor:
        """`rotation[3] via cayley`"""
        return cdsl.rotation.cayley(self.rotation__raw)

    @rotation_.setter
    def rotation_(self, value: cdsl.Settable) -> None:
        self.assign_(rotation_=value)

    @property
    def rotation_matrix_exp_(self) -> torch.Tensor:
        """`rotation[3] via matrix_exp`"""
        return cdsl.rotation.matrix_exp(self.rotation_matrix_exp__raw)

    @rotation_matrix_exp_.setter
    def rotation_matrix_exp_(self, value: cdsl.Settable) -> None:
        self.assign_(rotation_matrix_exp_=value)

    @property
    def row_stochastic_(self) -> torch.Tensor:
        """`row_stochastic[3, 2] via isometric_log_ratio`"""
        return cdsl.row_stochastic.isometric_log_ratio(self.row_stochastic__raw)

    @row_stochastic_.setter
    def row_stochastic_(self, value: cdsl.Settable) -> None:
        self.assign_(row_stochastic_=value)

    @property
    def row_stochastic_stick_breaking_(self) -> torch.Tensor:
        """`row_stochastic[3, 2] via stick_breaking`"""
        return cdsl.row_stochastic.stick_breaking(
            self.row_stochastic_stick_breaking__raw
        )

    @row_stochastic_stick_breaking_.setter
    def row_stochastic_stick_breaking_(self, value: cdsl.Settable) -> None:
        self.assign_(row_stochastic_stick_breaking_=value)

    @property
    def row_stochastic_softmax_(self) -> torch.Tensor:
        """`row_stochastic[3, 2] via softmax`"""
        return cdsl.row_stochastic.softmax(self.row_stochastic_softmax__raw)

    @row_stochastic_softmax_.setter
    def row_stochastic_softmax_(self, value: cdsl.Settable) -> None:
        self.assign_(row_stochastic_softmax_=value)

    @property
    def skew_(self) -> torch.Tensor:
        """`skew[3] via opposite`"""
        return cdsl.skew.opposite(self.skew__raw)

    @skew_.setter
    def skew_(self, value: cdsl.Settable) -> None:
        self.assign_(skew_=value)

    @property
    def special_linear_(self) -> torch.Tensor:
        """`special_linear[3] via rotation_triangle`"""
        return cdsl.special_linear.rotation_triangle(self.special_linear__raw)

    @special_linear_.setter
    def special_linear_(self, value: cdsl.Settable) -> None:
        self.assign_(special_linear_=value)

    @property
    def stiefel_(self) -> torch.Tensor:
        """`stiefel[3, 2] via cayley`"""
        return cdsl.stiefel.cayley(self.stiefel__raw, 3, 2)

    @stiefel_.setter
    def stiefel_(self, value: cdsl.Settable) -> None:
        self.assign_(stiefel_=value)

    @property
    def symmetric_(self) -> torch.Tensor:
        """`symmetric[3] via mirrored`"""
        return cdsl.symmetric.mirrored(self.symmetric__raw)

    @symmetric_.setter
    def symmetric_(self, value: cdsl.Settable) -> None:
        self.assign_(symmetric_=value)

    @property
    def unit_lower_(self) -> torch.Tensor:
        """`unit_lower[3] via rows`"""
        return cdsl.unit_lower.rows(self.unit_lower__raw)

    @unit_lower_.setter
    def unit_lower_(self, value: cdsl.Settable) -> None:
        self.assign_(unit_lower_=value)

    @property
    def zero_sum_matrix_(self) -> torch.Tensor:
        """`zero_sum_matrix[3, 2] via isometric`"""
        return cdsl.zero_sum_matrix.isometric(self.zero_sum_matrix__raw)

    @zero_sum_matrix_.setter
    def zero_sum_matrix_(self, value: cdsl.Settable) -> None:
        self.assign_(zero_sum_matrix_=value)
