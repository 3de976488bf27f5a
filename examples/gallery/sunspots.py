"""Nine years of sunspots tell the tenth: an autoregression on 1700 to 2008, which statsmodels ships.

The likelihood is the exact one. The first P years come from the stationary distribution, whose inverse covariance is
`(A @ A.T - B @ B.T) / sigma**2`, with triangles of 1, -phi[0], … in A and of -phi[P - 1], … in B (Siddiqui 1958).

    python examples/gallery/sunspots.py [PICTURE.png]
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from statsmodels.datasets import sunspots
from statsmodels.tsa.arima.model import ARIMA
from tools import BLUE, GREY, ORANGE, canvas, compare, fit, save
from torch import Tensor
from torch.distributions import Normal

import cdsl

P, AHEAD = 9, 33
data = sunspots.load_pandas().data
y = data["SUNACTIVITY"].to_numpy()


def triangle(column: Tensor) -> Tensor:
    """Lower, with this number on each diagonal."""
    padded = torch.cat([torch.zeros(P - 1, dtype=column.dtype), column])
    return padded.unfold(0, P, 1).flip(-1)


def log_likelihood(values: Any) -> Tensor:
    """Of the first P years, and of each year after them."""
    before = values.centred.unfold(0, P, 1)[:-1].flip(-1)
    later = Normal(before @ values.phi, values.sigma).log_prob(values.centred[P:]).sum()
    a = triangle(torch.cat([values.phi.new_ones(1), -values.phi[:-1]]))
    b = triangle(-values.phi.flip(0))
    precision = (a @ a.T - b @ b.T) / values.sigma**2
    first = values.centred[:P]
    return later + (torch.logdet(precision) - first @ precision @ first - P * np.log(2 * np.pi)) / 2


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Sunspots(P=P, y=y.copy(), dtype=torch.float64)
reached = fit(model, log_likelihood)

theirs = ARIMA(y, order=(P, 0, 0)).fit(method="innovations_mle")
# Two optimizers of one likelihood, which is quadratic there: parameters to the root of what 1e-12 of 1,274 hides.
rows = {
    "log-likelihood": (reached, theirs.llf),
    "mean": (model.mean, theirs.params[0]),
    "phi": (model.phi, theirs.arparams),
    "sigma": (model.sigma, theirs.params[-1] ** 0.5),
}
compare("statsmodels", rows, within=1e-4)

path, echo = list(model.centred.detach()), [torch.ones(1)]
for _ in range(AHEAD):
    path.append(model.phi.detach() @ torch.stack(path[: -P - 1 : -1]))
