"""Whether a deep breath narrows the vessels of a finger: 39 trials of 1947, which statsmodels ships among its tests.

D. J. Finney's classic of the bioassay (Biometrika 34, 320). The logistic regression of statsmodels has three slopes
without a meaning of their own; the spec has a dose, the dose that works half of the time, and a steepness.

    python examples/gallery/fingers.py [PICTURE.png]
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from statsmodels.discrete.discrete_model import Logit
from tools import BLUE, GREY, ORANGE, canvas, compare, fit, save
from torch.distributions import Bernoulli

import cdsl

with files("statsmodels").joinpath("stats/tests/results/binary_constrict.csv").open() as file:
    trials = pd.read_csv(file)
rate, volume, responded = (torch.tensor(trials[name].to_numpy(float)) for name in ("rate", "volumne", "constrict"))

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Fingers(rate=rate, volume=volume, dtype=torch.float64)
reached = fit(model, lambda values: Bernoulli(values.response).log_prob(responded).sum())

theirs = Logit(trials.constrict, trials[["const", "log_rate", "log_volumne"]]).fit(disp=False, tol=1e-12)
level, slopes = theirs.params.iloc[0], theirs.params.iloc[1:].to_numpy()
steepness = slopes.sum()
# Newton's steps end at the last digits; ours end where the gradient is below 1e-7.
rows = {
    "log-likelihood": (reached, theirs.llf),
    "weights": (model.weights, slopes / steepness),
    "half respond to": (model.median, np.exp(-level / steepness)),
    "steepness": (model.steepness, steepness),
}
compare("statsmodels", rows, within=1e-6)

figure, axes = canvas()
grid = torch.linspace(0.4, 3.2, 200, dtype=torch.float64)
curve = torch.sigmoid(model.steepness * (grid / model.median).log()).detach()
axes.plot(grid, curve, color=BLUE)
axes.plot(model.dose.detach(), responded, "o", color=ORANGE, markersize=6, alpha=0.6)
half = model.median.item()
axes.plot([half, half, 0], [0, 0.5, 0.5], ":", color=GREY, linewidth=1.5)
axes.text(half + 0.04, 0.06, f"half respond to {half:.2f}", color=GREY)
axes.text(2.9, 0.9, "share that responds", color=BLUE, ha="right")
axes.text(0.45, 0.06, "no response", color=ORANGE)
axes.text(3.2, 1.04, "vessels narrowed", color=ORANGE, ha="right")
share = model.weights[0].item()
axes.set(xlabel=f"dose: rate$^{{{share:.2f}}}$ × volume$^{{{1 - share:.2f}}}$", ylabel="response", xlim=(0.4, 3.2))
axes.set(title="How hard a breath must be", yticks=[0, 0.5, 1])
save(figure)
