"""Carbon dioxide over Mauna Loa: a Gaussian process on its course from 1958 to 2001, which statsmodels ships.

    python examples/gallery/co2.py [PICTURE.png]
"""

from pathlib import Path

import numpy as np
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, ExpSineSquared, WhiteKernel
from statsmodels.datasets import co2
from tools import BLUE, GREY, ORANGE, canvas, compare, fit, save
from torch.distributions import MultivariateNormal

import cdsl

quarters = co2.load_pandas().data.co2.resample("QS").mean().dropna()
t = torch.tensor(quarters.index.year + (quarters.index.month - 1) / 12, dtype=torch.float64)
y = torch.tensor(quarters.to_numpy() - quarters.mean())

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Co2(t=t, dtype=torch.float64)
import time
s=time.time()
reached = fit(model, lambda values: MultivariateNormal(torch.zeros_like(y), values.covariance).log_prob(y))
print(time.time()-s, len(y), model, reached)
s=time.time()
kernel = ConstantKernel(900, (1e-5,1e9)) * RBF(20, (1e-5,1e9)) + ConstantKernel(9, (1e-5,1e9)) * RBF(50, (1e-5,1e9)) * ExpSineSquared(1, 1, (1e-5,1e9), "fixed") + WhiteKernel(0.09, (1e-9,1e9))
theirs = GaussianProcessRegressor(kernel, alpha=0).fit(t.numpy()[:, None], y.numpy())
print(time.time()-s, theirs.kernel_, theirs.log_marginal_likelihood_value_)
