"""Carbon dioxide over Mauna Loa: a Gaussian process on its course from 1958 to 2001, which statsmodels ships.

python examples/gallery/co2.py [PICTURE.png]
"""

from pathlib import Path

import numpy as np
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, ExpSineSquared, WhiteKernel
from statsmodels.datasets import co2
from tools import BLUE, ORANGE, PALE, canvas, compare, fit, save
from torch.distributions import MultivariateNormal

import cdsl

quarters = co2.load_pandas().data.co2.resample("QS").mean().dropna()
t = torch.tensor(quarters.index.year + (quarters.index.month - 1) / 12, dtype=torch.float64)
y = torch.tensor(quarters.to_numpy() - quarters.mean())

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Co2(t=t, dtype=torch.float64)
reached = fit(model, lambda values: MultivariateNormal(torch.zeros_like(y), values.covariance).log_prob(y))
wide = (1e-5, 1e9)
kernel = ConstantKernel(900, wide) * RBF(20, wide) + WhiteKernel(0.09, wide)
kernel += ConstantKernel(9, wide) * RBF(50, wide) * ExpSineSquared(1, 1, wide, "fixed")
theirs = GaussianProcessRegressor(kernel, alpha=0).fit(t.numpy()[:, None], y.numpy())
learnt = dict(zip(("trend", "bend", "noise", "season", "change", "shape"), np.exp(theirs.kernel_.theta), strict=True))
learnt |= {name: learnt[name] ** 0.5 for name in ("trend", "season", "noise")}  # they have variances
# Their L-BFGS stops where 2e-9 of the likelihood is left to gain, flat as it is: parameters to the root of that, and some.
rows = {"log-likelihood": (reached, theirs.log_marginal_likelihood_value_)}
rows |= {name: (getattr(model, name), learnt[name]) for name in model()._fields[:6]}
compare("scikit-learn", rows, within=2e-3)

values = model()
trend = (values.trends @ torch.linalg.solve(values.covariance, y)).detach() + quarters.mean()
season = (values.seasons @ torch.linalg.solve(values.covariance, y)).detach()
figure, (axes, below) = canvas(nrows=2, sharex=True, height_ratios=(2, 1))
axes.plot(t, y + quarters.mean(), ".", color=PALE)
axes.plot(t, trend, color=BLUE)
axes.text(1962, 350, "the trend", color=BLUE)
below.plot(t, season, color=ORANGE, linewidth=1.2)
axes.set(ylabel="CO₂, ppm", title="Carbon dioxide over Mauna Loa, taken apart")
below.set(ylabel="the season", ylim=(-5, 5))
save(figure)
