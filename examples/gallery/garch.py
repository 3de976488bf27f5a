"""How much a stock index moves, day by day: GARCH(1,1) on the S&P 500 of 1999 to 2018, which the package `arch` ships.

The recursion `v[t] = omega + alpha * surprises[t] + beta * v[t - 1]` is linear in v, so that it is added up in log2(T)
steps of doubling length instead of T steps of one day.

    python examples/gallery/garch.py [PICTURE.png]
"""

from pathlib import Path
from typing import Any

import torch
from arch import arch_model
from arch.data import sp500
from tools import BLUE, PALE, canvas, compare, fit, save
from torch import Tensor
from torch.distributions import Normal

import cdsl

prices = sp500.load()["Adj Close"]
r = 100 * prices.pct_change().dropna()
y = torch.tensor(r.to_numpy())

# The variance before the first day, as arch takes it: squares of 75 days, weighted by 0.94 to the power of their age.
weights = 0.94 ** torch.arange(75, dtype=torch.float64)
before = (weights * (y[:75] - y.mean()) ** 2).sum() / weights.sum()


def variances(values: Any) -> Tensor:
    """Of each day."""
    v = values.omega + values.alpha * values.surprises
    v = torch.cat([v[:1] + values.beta * before, v[1:]])
    reach, factor = 1, values.beta
    while reach < len(v):
        v = v + factor * torch.nn.functional.pad(v[:-reach], (reach, 0))
        reach, factor = 2 * reach, factor * factor
    return v


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Garch(returns=y, before=before, dtype=torch.float64)
reached = fit(model, lambda values: Normal(values.mean, variances(values).sqrt()).log_prob(y).sum())

theirs = arch_model(r).fit(disp="off", tol=1e-12)
# A log-likelihood that is flat to its last digits, 1e-12 of 7,000, tells parameters to the root of that.
rows = {"log-likelihood": (reached, theirs.loglikelihood), "mean": (model.mean, theirs.params["mu"])}
for ours, name in (("omega", "omega"), ("alpha", "alpha[1]"), ("beta", "beta[1]")):
    rows[ours] = (getattr(model, ours), theirs.params[name])
compare("arch", rows, within=1e-4)

figure, axes = canvas()
spread = 2 * variances(model()).detach().sqrt()
axes.plot(r.index, y, color=PALE, linewidth=0.6)
axes.plot(r.index, spread, r.index, -spread, color=BLUE, linewidth=1)
axes.set(ylabel="return of a day, %", title="Calm and wild years of the S&P 500")
axes.text(r.index[2600], 8.5, "two standard deviations", color=BLUE)
save(figure)
