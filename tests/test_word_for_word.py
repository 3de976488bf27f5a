"""What domains say, to the last word and digit: why a value is not theirs, by how much, and where a declaration starts.

The laws hold `violation`, `contains` and `residual` to each other; here they are held to what is true.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from cdsl.constraints import domains
from cdsl.testing import declare

INF, NAN, LOG_2 = math.inf, math.nan, math.log(2)

WRONG = [
    ("prob", 1.5, (), "1.5, must be strictly between 0 and 1, off by 0.5"),
    ("prob", -0.25, (), "-0.25, must be strictly between 0 and 1, off by 0.25"),
    ("prob", NAN, (), "nan, must be finite"),
    ("positive", -2.0, (), "-2, must be greater than 0, off by 2"),
    ("positive", 0.0, (), "0, must be greater than 0"),
    ("negative", 0.5, (), "0.5, must be less than 0, off by 0.5"),
    ("greater_than(2)", 1.0, (), "1, must be greater than 2, off by 1"),
    ("less_than(2)", 2.0, (), "2, must be less than 2"),
    ("interval(-1, 3)", 3.5, (), "3.5, must be strictly between -1 and 3, off by 0.5"),
    ("interval(-1, 3)", -3.0, (), "-3, must be strictly between -1 and 3, off by 2"),
    ("interval(-inf, 3)", 4.0, (), "4, must be less than 3, off by 1"),
    ("interval(-1, inf)", -3.0, (), "-3, must be greater than -1, off by 2"),
    ("angle", 4.0, (), "4, must be strictly between -3.141592653589793 and 3.141592653589793, off by 0.858"),
    ("nonnegative", -0.5, (), "-0.5, must be at least 0, off by 0.5"),
    ("nonnegative", INF, (), "inf, must be finite"),
    ("real", INF, (), "inf, must be finite"),
    ("ball[2]", [3.0, 4.0], (), "of length 5, must be shorter than 1, off by 4"),
    ("ball[2]", [0.6, 0.8], (), "of length 1, must be shorter than 1"),
    ("l1_ball[2]", [0.75, -0.5], (), "1.25 in absolute sum, must sum to less than 1, off by 0.25"),
    ("l1_ball[2]", [0.5, -0.5], (), "1 in absolute sum, must sum to less than 1"),
    ("unit_vector[2]", [0.5, INF], (1,), "inf, must be finite"),
    ("unit_vector[2]", [3.0, 4.0], (), "of length 5, must have length 1, off by 4"),
    ("unit_vector[2]", [0.3, 0.4], (), "of length 0.5, must have length 1, off by 0.5"),
    ("zero_sum[2]", [1.0, NAN], (1,), "nan, must be finite"),
    ("zero_sum[3]", [0.5, 0.25, 0.0], (), "0.75 in sum, must sum to 0, off by 0.75"),
    ("zero_sum[3]", [-8.0, 2.0, 4.0], (), "-2 in sum, must sum to 0, to a millionth of its largest entry, 8, off by 2"),
    ("ordered[3]", [1.0, INF, 2.0], (1,), "inf, must be finite"),
    ("ordered[3]", [1.0, 3.0, 2.5], (2,), "2.5, must be greater than the entry before it, 3, off by 0.5"),
    ("descending[3]", [3.0, -INF, 2.0], (1,), "-inf, must be finite"),
    ("descending[3]", [1.0, -1.0, 0.5], (2,), "0.5, must be less than the entry before it, -1, off by 1.5"),
    ("positive_ordered[2]", [-0.5, 1.0], (0,), "-0.5, must be greater than 0, off by 0.5"),
    ("positive_ordered[2]", [0.0, 1.0], (0,), "0, must be greater than 0"),
    ("positive_ordered[2]", [2.0, 1.0], (1,), "1, must be greater than the entry before it, 2, off by 1"),
    ("ordered_in(-2, 2)[3]", [-2.5, 0.0, 1.0], (0,), "-2.5, must be greater than -2, off by 0.5"),
    ("ordered_in(-2, 2)[3]", [-2.0, 0.0, 1.0], (0,), "-2, must be greater than -2"),
    ("ordered_in(-2, 2)[3]", [0.0, 1.0, 3.5], (2,), "3.5, must be less than 2, off by 1.5"),
    ("ordered_in(-2, 2)[3]", [0.0, 1.0, 0.5], (2,), "0.5, must be greater than the entry before it, 1, off by 0.5"),
    ("ordered_in(-2, 2)[3]", [0.0, 1.0, 2.0], (2,), "2, must be less than 2"),
    ("simplex[3]", [0.5, -0.25, 0.75], (1,), "-0.25, must be greater than 0, off by 0.25"),
    ("simplex[3]", [0.5, 0.0, 0.5], (1,), "0, must be greater than 0"),
    ("simplex[3]", [0.5, 0.5, 0.5], (), "1.5 in sum, must sum to 1, off by 0.5"),
    ("simplex[3]", [0.25, 0.25, 0.25], (), "0.75 in sum, must sum to 1, off by 0.25"),
    ("ordered_simplex[2]", [-0.5, 1.5], (0,), "-0.5, must be greater than 0, off by 0.5"),
    ("ordered_simplex[2]", [0.75, 0.25], (1,), "0.25, must be greater than the entry before it, 0.75, off by 0.5"),
    ("ordered_simplex[2]", [0.5, 0.75], (), "1.25 in sum, must sum to 1, off by 0.25"),
    ("ordered_simplex[2]", [0.25, 0.5], (), "0.75 in sum, must sum to 1, off by 0.25"),
    ("scaled_simplex(4)[2]", [5.0, -1.0], (1,), "-1, must be greater than 0, off by 1"),
    ("scaled_simplex(4)[2]", [0.0, 4.0], (0,), "0, must be greater than 0"),
    ("scaled_simplex(4)[2]", [2.0, 3.0], (), "5 in sum, must sum to 4, off by 1"),
    ("scaled_simplex(4)[2]", [2.0, 1.0], (), "3 in sum, must sum to 4, off by 1"),
    ("floored_simplex(0.25)[2]", [0.125, 0.875], (0,), "0.125, must be greater than 0.25, off by 0.125"),
    ("floored_simplex(0.25)[2]", [0.75, 0.25], (1,), "0.25, must be greater than 0.25"),
    ("floored_simplex(0.25)[2]", [0.5, 0.75], (), "1.25 in sum, must sum to 1, off by 0.25"),
    ("floored_simplex(0.25)[2]", [0.375, 0.375], (), "0.75 in sum, must sum to 1, off by 0.25"),
    ("log_simplex[2]", [0.0, -INF], (1,), "-inf, must be finite"),
    (
        "log_simplex[2]",
        [1.0, 1.0],
        (),
        "1.69314718056 as the logarithm of the sum of exponentials, must have 0 there, off by 1.69",
    ),
    (
        "log_simplex[2]",
        [-2.0, -2.0],
        (),
        "-1.30685281944 as the logarithm of the sum of exponentials, must have 0 there, off by 1.31",
    ),
    (
        "stationary[2]",
        [0.0, -1.5],
        (),
        "of partial autocorrelation -1.5 at lag 2, must have it strictly between -1 and 1, off by 0.5",
    ),
    ("stationary[2]", [0.5, 0.5], (), "of partial autocorrelation 1 at lag 1, must have it strictly between -1 and 1"),
    (
        "stationary[2]",
        [3.0, 0.5],
        (),
        "of partial autocorrelation 6 at lag 1, must have it strictly between -1 and 1, off by 5",
    ),
    (
        "stationary[3]",
        [0.5, -4.0, 0.25],
        (),
        "of partial autocorrelation -4.133333333333334 at lag 2, must have it strictly between -1 and 1, off by 3.13",
    ),
    ("row_stochastic[2, 2]", [[0.5, 0.5], [1.5, -0.5]], (1, 1), "-0.5, must be greater than 0, off by 0.5"),
    ("row_stochastic[2, 2]", [[0.5, 0.5], [0.5, 0.75]], (), "row 1 has 1.25 in sum, must sum to 1, off by 0.25"),
    (
        "row_stochastic[2, 3]",
        [[0.5, 0.25, 0.5], [0.5, 0.25, 0.25]],
        (),
        "row 0 has 1.25 in sum, must sum to 1, off by 0.25",
    ),
    (
        "column_stochastic[2, 3]",
        [[0.5, 0.5, 1.5], [0.5, 0.5, -0.5]],
        (1, 2),
        "-0.5, must be greater than 0, off by 0.5",
    ),
    (
        "column_stochastic[2, 3]",
        [[0.5, 0.5, 0.5], [0.5, 0.75, 0.5]],
        (),
        "column 1 has 1.25 in sum, must sum to 1, off by 0.25",
    ),
    ("doubly_stochastic[2]", [[1.0, 0.0], [0.5, 0.5]], (0, 1), "0, must be greater than 0"),
    ("doubly_stochastic[2]", [[1.5, -0.5], [-0.5, 1.5]], (0, 1), "-0.5, must be greater than 0, off by 0.5"),
    ("doubly_stochastic[2]", [[0.5, 0.5], [0.5, 0.75]], (), "row 1 has 1.25 in sum, must sum to 1, off by 0.25"),
    ("doubly_stochastic[2]", [[0.5, 0.5], [0.25, 0.75]], (), "column 0 has 0.75 in sum, must sum to 1, off by 0.25"),
    ("zero_sum_matrix[2, 2]", [[INF, 0.0], [0.0, 0.0]], (0, 0), "inf, must be finite"),
    ("zero_sum_matrix[2, 2]", [[1.0, -1.0], [-1.0, 3.0]], (), "row 1 has 2 in sum, must sum to 0, off by 2"),
    ("zero_sum_matrix[2, 2]", [[-8.0, 8.0], [2.0, -2.0]], (), "column 0 has -6 in sum, must sum to 0, off by 6"),
    ("zero_sum_matrix[2, 2]", [[0.25, 0.25], [-0.25, -0.25]], (), "row 0 has 0.5 in sum, must sum to 0, off by 0.5"),
    ("generator[2]", [[-1.0, 1.0], [-1.0, 1.0]], (1, 0), "-1, must be greater than 0, off by 1"),
    ("generator[2]", [[0.0, 0.0], [1.0, -1.0]], (0, 1), "0, must be greater than 0"),
    ("generator[2]", [[-1.0, 1.0], [1.0, -4.0]], (), "row 1 has -3 in sum, must sum to 0, off by 3"),
    ("generator[2]", [[-0.25, 0.5], [1.0, -1.0]], (), "row 0 has 0.25 in sum, must sum to 0, off by 0.25"),
    ("generator[2]", [[-1.0, NAN], [1.0, -1.0]], (0, 1), "nan, must be finite"),
    ("symmetric[2]", [[1.0, 2.0], [3.0, 4.0]], (1, 0), "3, must be equal to its mirror image, 2, off by 1"),
    ("symmetric[2]", [[1.0, 2.0], [-2.0, INF]], (1, 1), "inf, must be finite"),
    ("skew[2]", [[0.0, 1.0], [1.0, 0.0]], (1, 0), "1, must be the opposite of its mirror image, 1, off by 2"),
    ("skew[2]", [[0.0, 1.0], [-1.0, 0.5]], (1, 1), "0.5, must be 0 on the diagonal, off by 0.5"),
    ("skew[2]", [[0.0, NAN], [-1.0, 0.5]], (0, 1), "nan, must be finite"),
    ("unit_lower[2]", [[1.0, 0.0], [0.5, 3.0]], (1, 1), "3, must be 1 on the diagonal, off by 2"),
    ("unit_lower[2]", [[1.0, -0.5], [0.5, 1.0]], (0, 1), "-0.5, must be 0 above the diagonal, off by 0.5"),
    ("unit_lower[2]", [[0.5, 0.0], [0.5, 1.0]], (0, 0), "0.5, must be 1 on the diagonal, off by 0.5"),
    ("lower_triangular[2]", [[1.0, 0.5], [0.5, 1.0]], (0, 1), "0.5, must be 0 above the diagonal, off by 0.5"),
    ("lower_triangular[2]", [[1.0, 0.0], [-INF, 1.0]], (1, 0), "-inf, must be finite"),
    ("cholesky_cov[2]", [[1.0, 0.0], [1.0, -0.5]], (1, 1), "-0.5, must be greater than 0, off by 0.5"),
    ("cholesky_cov[2]", [[0.0, 0.0], [1.0, 1.0]], (0, 0), "0, must be greater than 0"),
    ("cholesky_cov[2]", [[1.0, 0.25], [1.0, 1.0]], (0, 1), "0.25, must be 0 above the diagonal, off by 0.25"),
    ("cholesky_cov[3, 2]", [[1.0, 0.0], [1.0, 1.0], [NAN, 1.0]], (2, 0), "nan, must be finite"),
    ("cholesky_corr[2]", [[1.0, 0.0], [3.0, 4.0]], (), "row 1 of length 5, must have rows of length 1, off by 4"),
    ("cholesky_corr[2]", [[0.5, 0.0], [0.6, 0.8]], (), "row 0 of length 0.5, must have rows of length 1, off by 0.5"),
    ("cholesky_corr[2]", [[1.0, 0.0], [0.6, -0.8]], (1, 1), "-0.8, must be greater than 0, off by 0.8"),
    ("cholesky_corr[2]", [[1.0, 0.25], [0.6, 0.8]], (0, 1), "0.25, must be 0 above the diagonal, off by 0.25"),
    ("corr[2]", [[1.0, 0.5], [0.5, 2.0]], (1, 1), "2, must be 1 on the diagonal, off by 1"),
    ("corr[2]", [[1.0, 0.5], [0.25, 1.0]], (1, 0), "0.25, must be equal to its mirror image, 0.5, off by 0.25"),
    (
        "corr[2]",
        [[1.0, 2.0], [2.0, 1.0]],
        (1, 1),
        "1, must be greater than 4 for the matrix to be positive definite, off by 3",
    ),
    ("corr[2]", [[1.0, 1.0], [1.0, 1.0]], (1, 1), "1, must be greater than 1 for the matrix to be positive definite"),
    (
        "cov[2]",
        [[4.0, 2.0], [2.0, 0.5]],
        (1, 1),
        "0.5, must be greater than 1 for the matrix to be positive definite, off by 0.5",
    ),
    (
        "cov[2]",
        [[-4.0, 2.0], [2.0, 0.5]],
        (0, 0),
        "-4, must be greater than 0 for the matrix to be positive definite, off by 4",
    ),
    ("cov[2]", [[4.0, 2.0], [1.0, 5.0]], (1, 0), "1, must be equal to its mirror image, 2, off by 1"),
    (
        "precision[2]",
        [[1.0, 2.0], [2.0, 1.0]],
        (1, 1),
        "1, must be greater than 4 for the matrix to be positive definite, off by 3",
    ),
    (
        "cov[3]",
        [[4.0, 2.0, 2.0], [2.0, 5.0, 3.0], [2.0, 3.0, 2.0]],
        (2, 2),
        "2, must be greater than 2 for the matrix to be positive definite",
    ),
    (
        "psd_rank[3, 2]",
        [[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0]],
        (1, 1),
        "1, must be greater than 4 for its first 2 rows and columns to be positive definite, off by 3",
    ),
    (
        "psd_rank[2, 2]",
        [[1.0, 2.0], [2.0, 1.0]],
        (1, 1),
        "1, must be greater than 4 for the matrix to be positive definite, off by 3",
    ),
    (
        "psd_rank[3, 1]",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]],
        (),
        "the singular value 1 beyond the first 1, must be 0, off by 1",
    ),
    ("psd_rank[2, 1]", [[1.0, 2.0], [3.0, 4.0]], (1, 0), "3, must be equal to its mirror image, 2, off by 1"),
    (
        "low_rank[2, 2, 1]",
        [[1.0, 0.0], [0.0, 0.5]],
        (),
        "the singular value 0.5 beyond the first 1, must be 0, off by 0.5",
    ),
    ("low_rank[2, 2, 1]", [[4.0, 0.0], [0.0, 2.0]], (), "the singular value 2 beyond the first 1, must be 0, off by 2"),
    ("low_rank[2, 2, 1]", [[4.0, 0.0], [INF, 2.0]], (1, 0), "inf, must be finite"),
    ("orthogonal[2]", [[3.0, 0.0], [0.0, 1.0]], (), "column 0 has the length 3, must have length 1"),
    ("orthogonal[2]", [[0.6, 0.6], [0.8, 0.8]], (), "columns 0 and 1 have the product 1, must have 0, off by 1"),
    ("orthogonal[2]", [[1.0, 0.0], [0.0, 0.5]], (), "column 1 has the length 0.5, must have length 1"),
    ("rotation[2]", [[0.0, 1.0], [1.0, 0.0]], (), "a reflection, of determinant -1, must have determinant 1"),
    ("rotation[2]", [[-1.0, 0.0], [0.0, -1.0]], (), "a half turn, with an eigenvalue -1, must have no eigenvalue -1"),
    ("rotation[2]", [[0.8, 0.6], [0.6, 0.8]], (), "columns 0 and 1 have the product 0.96, must have 0, off by 0.96"),
    ("stiefel[2, 2]", [[0.0, 1.0], [1.0, 0.0]], (), "a reflection, of determinant -1, must have determinant 1"),
    (
        "stiefel[2, 2]",
        [[-1.0, 0.0], [0.0, -1.0]],
        (),
        "a matrix whose first rows have an eigenvalue -1, must have none",
    ),
    ("stiefel[3, 1]", [[-1.0], [0.0], [0.0]], (), "a matrix whose first rows have an eigenvalue -1, must have none"),
    ("stiefel[3, 1]", [[2.0], [0.0], [0.0]], (), "column 0 has the length 2, must have length 1"),
    ("grassmann[3, 1]", [[0.0], [0.6], [0.8]], (), "a subspace that holds a vector with 1 zeros first, must hold none"),
    (
        "grassmann[3, 2]",
        [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]],
        (),
        "a subspace that holds a vector with 2 zeros first, must hold none",
    ),
    ("grassmann[2, 1]", [[2.0], [0.0]], (), "column 0 has the length 2, must have length 1"),
    (
        "hurwitz[2]",
        [[-1.0, 0.0], [0.0, 1.0]],
        (),
        "a matrix with an eigenvalue of no negative real part, must have none",
    ),
    (
        "hurwitz[2]",
        [[0.0, 1.0], [-1.0, 0.0]],
        (),
        "a matrix with an eigenvalue of no negative real part, must have none",
    ),
    ("hurwitz[2]", [[-1.0, 0.0], [0.0, INF]], (1, 1), "inf, must be finite"),
    ("invertible[2]", [[1.0, 2.0], [2.0, 4.0]], (), "a singular matrix, must have a positive determinant"),
    ("invertible[2]", [[0.0, 1.0], [1.0, 0.0]], (), "a determinant below 0, must be positive"),
    ("invertible[2]", [[0.0, 0.0], [0.0, 0.0]], (), "a singular matrix, must have a positive determinant"),
    ("invertible[2]", [[0.0, NAN], [0.0, 0.0]], (0, 1), "nan, must be finite"),
    ("special_linear[2]", [[1.0, 2.0], [3.0, 4.0]], (), "a matrix of determinant -2, must have determinant 1"),
    ("special_linear[2]", [[2.0, 0.0], [0.0, 1.5]], (), "a matrix of determinant 3, must have determinant 1"),
    ("special_linear[2]", [[0.0, 1.0], [1.0, 0.0]], (), "a matrix of determinant -1, must have determinant 1"),
    ("special_linear[2]", [[0.5, 0.0], [0.0, 0.5]], (), "a matrix of determinant 0.25, must have determinant 1"),
    ("special_linear[2]", [[0.0, NAN], [0.0, 0.0]], (0, 1), "nan, must be finite"),
]


@pytest.mark.parametrize(("spec", "value", "index", "said"), WRONG)
def test_a_value_outside_is_told_where_and_why_and_by_how_much(spec: str, value: Any, index: Any, said: str) -> None:
    case = declare(spec)
    violation = case.domain.violation(value, *case.given)
    assert violation is not None
    assert (violation.index, str(violation)) == (index, said)


def test_every_domain_has_its_row() -> None:
    """But for `psd`, whose numbers are those of a matrix raised by what rounding may hide."""
    assert {declare(spec).domain.name for spec, *_ in WRONG} == {*domains()} - {"psd"}


MISSES = [
    ("unit_vector[2]", [3.0, 4.0], 4.0),
    ("unit_vector[2]", [0.3, 0.4], 0.5),
    ("zero_sum[3]", [0.5, 0.25, 0.0], 0.75),
    ("zero_sum[3]", [-8.0, 2.0, 4.0], 0.25),
    ("simplex[3]", [0.5, 0.5, 0.5], 0.5),
    ("simplex[3]", [0.25, 0.25, 0.25], 0.25),
    ("ordered_simplex[2]", [0.5, 0.75], 0.25),
    ("ordered_simplex[2]", [0.25, 0.5], 0.25),
    ("scaled_simplex(4)[2]", [2.0, 3.0], 0.25),
    ("scaled_simplex(4)[2]", [2.0, 1.0], 0.25),
    ("floored_simplex(0.25)[2]", [0.5, 0.75], 0.25),
    ("floored_simplex(0.25)[2]", [0.375, 0.375], 0.25),
    ("log_simplex[2]", [1.0, 1.0], 1 + LOG_2),
    ("log_simplex[2]", [-2.0, -2.0], 2 - LOG_2),
    ("row_stochastic[2, 2]", [[0.5, 0.5], [0.5, 0.75]], 0.25),
    ("row_stochastic[2, 3]", [[0.5, 0.25, 0.5], [0.5, 0.25, 0.25]], 0.25),
    ("column_stochastic[2, 3]", [[0.5, 0.5, 0.5], [0.5, 0.75, 0.5]], 0.25),
    ("doubly_stochastic[2]", [[1.0, 0.0], [0.5, 0.5]], 0.5),
    ("doubly_stochastic[2]", [[0.5, 0.5], [0.5, 0.75]], 0.25),
    ("doubly_stochastic[2]", [[0.5, 0.5], [0.25, 0.75]], 0.25),
    ("zero_sum_matrix[2, 2]", [[1.0, -1.0], [-1.0, 3.0]], 2 / 3),
    ("zero_sum_matrix[2, 2]", [[-8.0, 8.0], [2.0, -2.0]], 0.75),
    ("zero_sum_matrix[2, 2]", [[0.25, 0.25], [-0.25, -0.25]], 0.5),
    ("generator[2]", [[-1.0, 1.0], [1.0, -4.0]], 0.75),
    ("generator[2]", [[-0.25, 0.5], [1.0, -1.0]], 0.25),
    ("symmetric[2]", [[1.0, 2.0], [3.0, 4.0]], 0.25),
    ("skew[2]", [[0.0, 1.0], [1.0, 0.0]], 2.0),
    ("skew[2]", [[0.0, 1.0], [-1.0, 0.5]], 1.0),
    ("unit_lower[2]", [[1.0, 0.0], [0.5, 3.0]], 2 / 3),
    ("unit_lower[2]", [[1.0, -0.5], [0.5, 1.0]], 0.5),
    ("unit_lower[2]", [[0.5, 0.0], [0.5, 1.0]], 0.5),
    ("lower_triangular[2]", [[1.0, 0.5], [0.5, 1.0]], 0.5),
    ("cholesky_cov[2]", [[1.0, 0.25], [1.0, 1.0]], 0.25),
    ("cholesky_corr[2]", [[1.0, 0.0], [3.0, 4.0]], 4.0),
    ("cholesky_corr[2]", [[0.5, 0.0], [0.6, 0.8]], 0.5),
    ("cholesky_corr[2]", [[1.0, 0.25], [0.6, 0.8]], 0.25),
    ("corr[2]", [[1.0, 0.5], [0.5, 2.0]], 1.0),
    ("corr[2]", [[1.0, 0.5], [0.25, 1.0]], 0.25),
    ("cov[2]", [[4.0, 2.0], [1.0, 5.0]], 0.2),
    ("psd_rank[3, 1]", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], 1.0),
    ("psd_rank[2, 1]", [[1.0, 2.0], [3.0, 4.0]], 0.25),
    ("low_rank[2, 2, 1]", [[1.0, 0.0], [0.0, 0.5]], 0.5),
    ("low_rank[2, 2, 1]", [[4.0, 0.0], [0.0, 2.0]], 0.5),
    ("orthogonal[2]", [[3.0, 0.0], [0.0, 1.0]], 8.0),
    ("orthogonal[2]", [[0.6, 0.6], [0.8, 0.8]], 1.0),
    ("orthogonal[2]", [[1.0, 0.0], [0.0, 0.5]], 0.75),
    ("rotation[2]", [[0.8, 0.6], [0.6, 0.8]], 0.96),
    ("stiefel[3, 1]", [[2.0], [0.0], [0.0]], 3.0),
    ("grassmann[2, 1]", [[2.0], [0.0]], 3.0),
    ("special_linear[2]", [[1.0, 2.0], [3.0, 4.0]], 3 / 125**0.5),
    ("special_linear[2]", [[2.0, 0.0], [0.0, 1.5]], 2 / 3),
    ("special_linear[2]", [[0.0, 1.0], [1.0, 0.0]], 2.0),
    ("special_linear[2]", [[0.5, 0.0], [0.0, 0.5]], 0.75),
]


@pytest.mark.parametrize(("spec", "value", "off"), MISSES)
def test_a_residual_is_how_much_the_equation_is_missed(spec: str, value: Any, off: float) -> None:
    """To 8 eps: sums and square roots of a few numbers below 10."""
    case, one = declare(spec), torch.tensor(value, dtype=torch.float64)
    found = case.domain.residual(one, *case.given)
    assert found is not None
    assert abs(found.item() - off) <= 8 * torch.finfo(torch.float64).eps * max(1, off)


MOVED = [
    # an entry of an event that keeps the equation, and what the residual gains where that entry gains 1
    ("simplex[2]", [0.5, 0.5], 1, 1),
    ("ordered_simplex[2]", [0.25, 0.75], 1, 1),
    ("scaled_simplex(4)[2]", [2.0, 2.0], 0, 1 / 4),
    ("floored_simplex(0.25)[2]", [0.5, 0.5], 0, 1),
    ("log_simplex[2]", [-LOG_2, -LOG_2], 0, 1 / 2),
    ("unit_vector[2]", [1.0, 0.0], 0, 1),
    ("zero_sum[2]", [0.5, -0.5], 0, 1),
    ("zero_sum_matrix[2, 2]", [[0.5, -0.5], [-0.5, 0.5]], 0, 1),
    ("row_stochastic[2, 2]", [[0.5, 0.5], [0.5, 0.5]], 3, 1),
    ("column_stochastic[2, 2]", [[0.5, 0.5], [0.5, 0.5]], 3, 1),
    ("doubly_stochastic[2]", [[0.5, 0.5], [0.5, 0.5]], 0, 1),
    ("generator[2]", [[-0.5, 0.5], [0.5, -0.5]], 0, 1),
    ("symmetric[2]", [[1.0, 0.0], [0.0, 1.0]], 2, 1),
    ("skew[2]", [[0.0, 1.0], [-1.0, 0.0]], 1, 1),
    ("unit_lower[2]", [[1.0, 0.0], [0.0, 1.0]], 0, 1),
    ("unit_lower[2]", [[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ("lower_triangular[2]", [[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ("cholesky_cov[2]", [[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ("cholesky_corr[2]", [[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ("cholesky_corr[2]", [[1.0, 0.0], [0.0, 1.0]], 3, 1),
    ("corr[2]", [[1.0, 0.0], [0.0, 1.0]], 2, 1),
    ("corr[2]", [[1.0, 0.0], [0.0, 1.0]], 3, 1),
    ("cov[2]", [[1.0, 0.0], [0.0, 1.0]], 2, 1),
    ("psd_rank[2, 1]", [[1.0, 0.0], [0.0, 0.0]], 3, 1),
    ("low_rank[2, 2, 1]", [[1.0, 0.0], [0.0, 0.0]], 3, 1),
    ("orthogonal[2]", [[1.0, 0.0], [0.0, 1.0]], 0, 2),
    ("orthogonal[2]", [[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ("rotation[2]", [[1.0, 0.0], [0.0, 1.0]], 3, 2),
    ("stiefel[2, 1]", [[1.0], [0.0]], 0, 2),
    ("grassmann[2, 1]", [[1.0], [0.0]], 0, 2),
    ("special_linear[2]", [[1.0, 0.0], [0.0, 1.0]], 3, 1),
]


@pytest.mark.parametrize(("spec", "value", "place", "gain"), MOVED)
def test_an_equation_is_kept_to_a_millionth(spec: str, value: Any, place: int, gain: float) -> None:
    """Of values as small as 1: by plain numbers and by tensors."""
    case = declare(spec)
    for share, is_kept in ((0.0, True), (0.7, True), (1.5, False)):
        one = torch.tensor(value, dtype=torch.float64)
        one.view(-1)[place] += share * 1e-6 / gain
        residual = case.domain.residual(one, *case.given)
        assert residual is not None
        assert abs(residual.item() - share * 1e-6) < 1e-11  # to the square of a millionth, and rounding
        assert (case.domain.violation(one.tolist(), *case.given) is None) == is_kept


LARGE = [
    one
    for one in MOVED
    if one[0].startswith(("zero_sum", "generator", "symmetric", "skew", "lower", "cholesky_cov", "cov", "low_rank"))
]


@pytest.mark.parametrize(("spec", "value", "place", "gain"), LARGE)
def test_an_equation_of_large_entries_is_kept_to_a_millionth_of_the_largest(
    spec: str, value: Any, place: int, gain: float
) -> None:
    case = declare(spec)
    for share, is_kept in ((0.7, True), (1.5, False)):
        one = torch.tensor(value, dtype=torch.float64)
        largest = one.abs().amax().item() * 2**20
        one = one * 2**20
        one.view(-1)[place] += share * 1e-6 / gain * largest
        residual = case.domain.residual(one, *case.given)
        assert residual is not None
        assert abs(residual.item() - share * 1e-6) < 1e-11
        assert (case.domain.violation(one.tolist(), *case.given) is None) == is_kept


INWARD = [
    ("ball[2]", [0.6, 0.8], 2.0**-10, [0.6 * (1 - 2.0**-8), 0.8 * (1 - 2.0**-8)]),
    ("l1_ball[2]", [0.5, -0.5], 2.0**-10, [0.5 - 2.0**-9, 2.0**-9 - 0.5]),
    ("angle", 3.1416, 2.0**-10, math.pi),
    ("angle", -3.1416, 2.0**-10, -math.pi),
    ("angle", 3.15, 2.0**-10, 3.15),
    ("stationary[2]", [0.5, 0.25], 2.0**-11, [0.5 * 15 / 16, 0.25 * (15 / 16) ** 2]),
    ("hurwitz[2]", [[-1.0, 0.5], [0.0, -1.0]], 2.0**-9, [[-1.25, 0.5], [0.0, -1.25]]),
    ("corr[2]", [[1.0, 0.5], [0.5, 1.0]], 2.0**-10, [[1 + 2.0**-6, 0.5], [0.5, 1 + 2.0**-6]]),
    ("cov[2]", [[4.0, 0.5], [0.5, 0.0]], 2.0**-10, [[4 + 2.0**-4, 0.5], [0.5, 2.0**-20]]),
    ("invertible[2]", [[1.0, 0.0], [0.0, 2.0**-9]], 2.0**-10, [[1.0, 0.0], [0.0, 0.0]]),
    ("invertible[2]", [[1.0, 0.0], [0.0, 2.0**-8]], 2.0**-10, [[1.0, 0.0], [0.0, 2.0**-8]]),
    ("prob", 1.0, 2.0**-10, 1.0),
]


@pytest.mark.parametrize(("spec", "value", "eps", "moved"), INWARD)
def test_a_value_is_moved_inward_by_what_rounding_may_have_moved_it(
    spec: str, value: Any, eps: float, moved: Any
) -> None:
    """To 4 eps, and no farther, so that a law that looks there is not blind."""
    found = declare(spec).domain.inward(torch.tensor(value, dtype=torch.float64), eps)
    torch.testing.assert_close(found, torch.tensor(moved, dtype=torch.float64), rtol=1e-15, atol=1e-15)


EDGES = [
    ("cov[2]", [[1.0, 1.0], [1.0, 1.0 + 2.0**-51]]),  # definite by less than rounding
    ("corr[2]", [[1.0, 1 - 2.0**-53], [1 - 2.0**-53, 1.0]]),
    ("positive", 0.0),
    ("less_than(2)", 2.0),
    ("ball[2]", [0.6, 0.8]),
    ("l1_ball[2]", [0.5, -0.5]),
    ("positive_ordered[2]", [0.0, 1.0]),
    ("ordered_in(-2, 2)[3]", [-2.0, 0.0, 1.0]),
    ("ordered_in(-2, 2)[3]", [0.0, 1.0, 2.0]),
    ("simplex[3]", [0.5, 0.0, 0.5]),
    ("scaled_simplex(4)[2]", [0.0, 4.0]),
    ("floored_simplex(0.25)[2]", [0.75, 0.25]),
    ("log_simplex[2]", [0.0, -INF]),
    ("stationary[2]", [0.5, 0.5]),
    ("doubly_stochastic[2]", [[1.0, 0.0], [0.5, 0.5]]),
    ("generator[2]", [[0.0, 0.0], [1.0, -1.0]]),
    ("cholesky_cov[2]", [[0.0, 0.0], [1.0, 1.0]]),
    ("rotation[2]", [[-1.0, 0.0], [0.0, -1.0]]),
    ("stiefel[2, 2]", [[-1.0, 0.0], [0.0, -1.0]]),
    ("stiefel[3, 1]", [[-1.0], [0.0], [0.0]]),
    ("grassmann[3, 1]", [[0.0], [0.6], [0.8]]),
    ("grassmann[3, 2]", [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
    ("hurwitz[2]", [[0.0, 1.0], [-1.0, 0.0]]),
    ("invertible[2]", [[1.0, 2.0], [2.0, 4.0]]),
    ("invertible[2]", [[0.0, 0.0], [0.0, 0.0]]),
]


@pytest.mark.parametrize(("spec", "value"), EDGES)
def test_a_boundary_is_outside_and_in_the_closure(spec: str, value: Any) -> None:
    case, one = declare(spec), torch.tensor(value, dtype=torch.float64)
    assert not case.domain.contains(one, *case.given)
    assert case.domain.contains(one, *case.given, closed=True)


STARTS = [
    ("angle", 0.0),
    ("ball[3]", 0.0),
    ("cholesky_corr[3]", torch.eye(3, 3)),
    ("cholesky_cov[3]", torch.eye(3, 3)),
    ("column_stochastic[3, 2]", 1 / 3),
    ("corr[3]", torch.eye(3, 3)),
    ("cov[3]", torch.eye(3, 3)),
    ("descending[3]", [2.0, 1.0, 0.0]),
    ("doubly_stochastic[3]", 1 / 3),
    ("floored_simplex(0.01)[4]", 0.25),
    ("generator[3]", [[-2.0, 1.0, 1.0], [1.0, -2.0, 1.0], [1.0, 1.0, -2.0]]),
    ("grassmann[4, 2]", torch.eye(4, 2)),
    ("greater_than(2)", 3.0),
    ("hurwitz[3]", -torch.eye(3, 3)),
    ("interval(0, 10)", 5.0),
    ("invertible[3]", torch.eye(3, 3)),
    ("l1_ball[3]", 0.0),
    ("less_than(2)", 1.0),
    ("log_simplex[4]", -2 * LOG_2),
    ("low_rank[3, 4, 2]", [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]),
    ("lower_triangular[3]", torch.eye(3, 3)),
    ("negative", -1.0),
    ("nonnegative", 1.0),
    ("ordered[3]", [0.0, 1.0, 2.0]),
    ("ordered_in(0, 10)[3]", [2.5, 5.0, 7.5]),
    ("ordered_simplex[2]", [0.25, 0.75]),
    ("orthogonal[3]", torch.eye(3, 3)),
    ("positive", 1.0),
    ("positive_ordered[3]", [1.0, 2.0, 3.0]),
    ("precision[3]", torch.eye(3, 3)),
    ("prob", 0.5),
    ("psd[3]", torch.eye(3, 3)),
    ("psd_rank[4, 2]", [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]),
    ("real", 0.0),
    ("rotation[3]", torch.eye(3, 3)),
    ("row_stochastic[3, 3]", 1 / 3),
    ("scaled_simplex(100)[4]", 25.0),
    ("simplex[4]", 0.25),
    ("skew[3]", 0.0),
    ("special_linear[3]", torch.eye(3, 3)),
    ("stationary[2]", 0.0),
    ("stiefel[4, 2]", torch.eye(4, 2)),
    ("symmetric[3]", torch.eye(3, 3)),
    ("unit_lower[3]", torch.eye(3, 3)),
    ("unit_vector[3]", 3**-0.5),
    ("zero_sum[4]", 0.0),
    ("zero_sum_matrix[3, 4]", 0.0),
]


@pytest.mark.parametrize(("spec", "start"), STARTS)
def test_a_declaration_starts_at(spec: str, start: Any) -> None:
    case = declare(spec)
    found = case.domain.start(case.declared.sizes, *case.arguments)
    assert not isinstance(found, torch.Tensor) or found.dtype == torch.float64
    assert torch.allclose(
        torch.as_tensor(found, dtype=torch.float64), torch.as_tensor(start, dtype=torch.float64), 1e-15, 0.0
    )


def test_every_domain_has_its_start() -> None:
    assert {declare(spec).domain.name for spec, _ in STARTS} == {*domains()}


# what a spec may say: a bound, a size, or none

REFUSED = [
    ("interval", (2.0, 1.0), (), "the interval (2, 1) is empty"),
    ("interval", (1.0, 1.0), (), "the interval (1, 1) is empty"),
    ("interval", (-1e308, 1e308), (), "the width of the interval overflows float64"),
    ("interval", (-INF, 1e308), (), None),
    ("interval", (-1e308, INF), (), None),
    ("greater_than", (INF,), (), "no number is greater than inf"),
    ("greater_than", (-INF,), (), None),
    ("less_than", (-INF,), (), "no number is less than -inf"),
    ("less_than", (INF,), (), None),
    ("real", (0.0, 0.0), (), "`scale` must be greater than 0, got 0"),
    ("real", (0.0, 0.5), (), None),
    ("scaled_simplex", (0.0,), (3,), "positive numbers do not sum to 0"),
    ("scaled_simplex", (INF,), (3,), "positive numbers do not sum to inf"),
    ("scaled_simplex", (0.5,), (3,), None),
    ("floored_simplex", (-0.5,), (2,), "the floor of a simplex is at least 0 and below 1/K, not -0.5"),
    ("floored_simplex", (1.0,), (2,), "the floor of a simplex is at least 0 and below 1/K, not 1"),
    ("floored_simplex", (0.5,), (2,), "2 entries above 0.5 do not sum to 1: the floor is below 1/K"),
    ("floored_simplex", (0.0,), (2,), None),
    ("ordered_in", (2.0, 2.0), (2,), "there is no number between 2 and 2"),
    ("ordered_in", (-1e308, 1e308), (2,), "the distance of the bounds overflows float64"),
    ("ordered_in", (-1.0, 0.0), (2,), None),
    (
        "cholesky_cov",
        (),
        (2, 3),
        "a factor has at least as many rows as columns, this one 2 and 3; "
        "2 factors of 3 × 3 are written `cholesky_cov[2, 3, 3]`",
    ),
    ("cholesky_cov", (), (3, 3), None),
    ("grassmann", (), (1, 2), "ℝ^1 has no subspace of 2 dimensions: N is at least K"),
    ("grassmann", (), (2, 2), None),
    ("stiefel", (), (1, 2), "no 2 vectors of 1 numbers are orthonormal: N is at least K"),
    ("stiefel", (), (2, 2), None),
    ("low_rank", (), (3, 2, 3), "no matrix of 3 × 2 has rank 3: R is at most the smaller of M and N"),
    ("low_rank", (), (2, 3, 2), None),
    ("psd_rank", (), (2, 3), "no matrix of 2 × 2 has rank 3: R is at most K"),
    ("psd_rank", (), (3, 3), None),
]


@pytest.mark.parametrize(("name", "arguments", "sizes", "said"), REFUSED)
def test_arguments_and_sizes_that_mean_nothing_are_told_so(
    name: str, arguments: tuple[float, ...], sizes: tuple[int, ...], said: str | None
) -> None:
    domain = domains()[name]
    found = domain.refuse_arguments(*arguments) or domain.refuse_sizes(*sizes) or domain.refuse(arguments, sizes)
    assert found == said
