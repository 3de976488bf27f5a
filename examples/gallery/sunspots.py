"""Nine years of sunspots tell the tenth: an autoregression on 1700 to 2008, which statsmodels ships.

The first P years have the stationary distribution, whose inverse covariance is `(A @ A.T - B @ B.T) / sigma**2`, with
triangles of 1, -phi[0], … in A and of -phi[P - 1], … in B (Siddiqui 1958).

    python examples/gallery/sunspots.py [PICTURE.png]
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from statsmodels.datasets import sunspots
from statsmodels.tsa.arima.model import ARIMA
from tools import BLUE, ORANGE, canvas, compare, fit, save
from torch import Tensor
from torch.distributions import MultivariateNormal, Normal

import cdsl

P, AHEAD = 9, 33
years, y = sunspots.load_pandas().data.to_numpy().T
lags = (torch.arange(P)[:, None] - torch.arange(P)).clamp(min=0)


def log_likelihood(values: Any) -> Tensor:
    """Of the first P years, and of each year after them."""
    before = values.centred.unfold(0, P, 1)[:-1]
    later = Normal(before @ values.phi.flip(0), values.sigma).log_prob(values.centred[P:]).sum()
    a, b = torch.cat([values.phi.new_ones(1), -values.phi[:-1]])[lags].tril(), -values.phi.flip(0)[lags].tril()
    precision = (a @ a.T - b @ b.T) / values.sigma**2
    return later + MultivariateNormal(0 * values.phi, precision_matrix=precision).log_prob(values.centred[:P])


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Sunspots(P=P, y=y, dtype=torch.float64)
reached = fit(model, log_likelihood)

theirs = ARIMA(y, order=(P, 0, 0)).fit(method="innovations_mle")
# Two optimizers of one likelihood, which is quadratic there: parameters to the root of what 1e-12 of 1,274 hides.
rows = {"log-likelihood": (reached, theirs.llf), "mean": (model.mean, theirs.params[0])}
rows |= {"phi": (model.phi, theirs.arparams), "sigma": (model.sigma, theirs.params[-1] ** 0.5)}
compare("statsmodels", rows, within=1e-4)

phi, mean = model.phi.detach().numpy(), model.mean.item()
path, echoes = list(y - mean), [0.0] * (P - 1) + [model.sigma.item()]  # what comes; what becomes of one surprise
for steps in [path, echoes] * AHEAD:
    steps.append(phi @ steps[: -P - 1 : -1])
ahead, middle = years[-1] + np.arange(1, AHEAD + 1), mean + np.array(path[-AHEAD:])
assert np.abs(middle - theirs.forecast(AHEAD)).max() < 0.01  # spots
spread = np.sqrt(np.cumsum(np.square(echoes[P - 1 : -1])))
figure, axes = canvas()
axes.plot(years[-90:], y[-90:], color=BLUE)
axes.plot(ahead, middle, color=ORANGE)
axes.fill_between(ahead, middle - spread, middle + spread, color=ORANGE, alpha=0.2, linewidth=0)
axes.text(1919, 170, "sunspots of a year", color=BLUE)
axes.text(ahead[0], 150, "what is to come, to\na standard deviation", color=ORANGE)
axes.set(title="Sunspots, and the years to come", ylim=(0, 200))
save(figure)
