"""When the economy of the United States shrank: a hidden Markov model on growth from 1959 to 2009, which statsmodels ships.

The gradient of the log-likelihood by the log-density of quarter t in state k is the probability of state k in quarter t,
given all quarters: no backward pass has to be written.

    python examples/gallery/recessions.py [PICTURE.png]
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from statsmodels.datasets import macrodata
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression
from tools import BLUE, ORANGE, canvas, compare, fit, save
from torch import Tensor

import cdsl

data = macrodata.load_pandas().data
growth = 100 * np.diff(np.log(data.realgdp))
quarter = (data.year + (data.quarter - 1) / 4).to_numpy()[1:]


def log_likelihood(values: Any) -> Tensor:
    """The forward algorithm, in logarithms."""
    state, steps = values.start.log(), values.P.log()
    for emission in values.emissions[:-1]:
        state = torch.logsumexp((state + emission)[:, None] + steps, 0)
    return torch.logsumexp(state + values.emissions[-1], 0)


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Recessions(growth=growth, dtype=torch.float64)
reached = fit(model, log_likelihood)
values = model()
values.emissions.retain_grad()
log_likelihood(values).backward()
recession = values.emissions.grad[:, 0].numpy()

theirs = MarkovRegression(growth, k_regimes=2).fit(disp=False, gtol=1e-9, search_reps=0)
p = dict(zip(theirs.model.param_names, theirs.params, strict=True))
low, high = sorted((0, 1), key=lambda state: p[f"const[{state}]"])
# Their gradient is a difference quotient, right to 1e-8 or so of each quarter.
rows = {
    "log-likelihood": (reached, theirs.llf),
    "growth in each": (model.means, [p[f"const[{low}]"], p[f"const[{high}]"]]),
    "spread": (model.scale, p["sigma2"] ** 0.5),
    "recession stays": (model.P[0, 0], theirs.regime_transition[low, low, 0]),
    "good times stay": (model.P[1, 1], theirs.regime_transition[high, high, 0]),
}
compare("statsmodels", rows, within=1e-4)
assert np.abs(recession - theirs.smoothed_marginal_probabilities[:, low]).max() < 1e-3

figure, axes = canvas()
axes.fill_between(quarter, -3, 4.5, where=recession > 0.5, color=ORANGE, alpha=0.25, linewidth=0, step="mid")
axes.plot(quarter, growth, color=BLUE, linewidth=1.2)
axes.set(ylabel="growth in a quarter, %", ylim=(-3, 4.5), title="Quarters that are more likely a recession, shaded")
save(figure)
