"""`precision[K]`: precision matrices, the inverses of covariance matrices."""

from __future__ import annotations

from cdsl.constraints.corr import Definite
from cdsl.constraints.cov import Lkj, LogCholesky


class Precision(Definite):
    """A precision matrix: symmetric and positive definite, the inverse of a covariance matrix.

    The set is that of `cov`, and so are the maps: the factor L of Y = L Lᵀ is what a density needs of a precision,
    log det Y = 2 Σ log Lᵢᵢ and yᵀ Y y = |Lᵀ y|². What `lkj` keeps apart are the scales and, with the opposite sign, the
    partial correlations.
    """

    name = "precision"
    also = ("precision_matrix",)
    notation = "{Y ∈ ℝᴷˣᴷ : Y = Yᵀ, Y ≻ 0}"
    examples = ("precision[3]", "precision[2, 3]", "precision[2] = [[2, -1], [-1, 3]]")
    transforms = {"log_cholesky": LogCholesky(), "lkj": Lkj()}
