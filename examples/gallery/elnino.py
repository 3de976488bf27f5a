"""How long El Niño lasts: a Markov chain on the temperature of the Pacific, each month of 1950 to 2010.

statsmodels ships the data. A month is warm, an El Niño, or cold, La Niña, if it is half a degree away from the mean of its
month of the year. The best probabilities are known: of the months in a state, the share that each state follows.

    python examples/gallery/elnino.py [PICTURE.png]
"""

from pathlib import Path

import numpy as np
import torch
from statsmodels.datasets import elnino
from tools import BLUE, GREY, ORANGE, canvas, compare, fit, save

import cdsl

AHEAD = 24
degrees = elnino.load_pandas().data.iloc[:, 1:].to_numpy(float)  # a row a year, a column a month
anomalies = (degrees - degrees.mean(0)).ravel()
states = np.digitize(anomalies, [-0.5, 0.5])  # 0 cold, 1 neither, 2 warm
counts = np.zeros((3, 3))
np.add.at(counts, (states[:-1], states[1:]), 1)

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Elnino(counts=counts, dtype=torch.float64)
reached = fit(model, lambda values: values.log_likelihood)

shares = counts / counts.sum(1, keepdims=True)
seen = counts[counts > 0]
P = model.P.detach().numpy()
# No month went from cold to warm: that probability is 0, which `via softmax` and every other map only come near.
rows = {"log-likelihood": (reached, (seen * np.log(shares[counts > 0])).sum())}
names = ("cold", "neither", "warm")
rows |= {
    f"{a} to {b}": (P[i, j], shares[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if shares[i, j]
}
compare("shares of the counts", rows, within=1e-6)

steps = np.arange(AHEAD + 1)
said = [np.linalg.matrix_power(P, k)[2, 2] for k in steps]
was = [np.mean(states[k:][states[: len(states) - k] == 2] == 2) for k in steps]
figure, axes = canvas()
axes.plot(steps, said, color=BLUE)
axes.plot(steps, was, "o", color=ORANGE)
axes.axhline(np.mean(states == 2), color=GREY, linestyle=":", linewidth=1.5)
axes.text(8.5, 0.42, "as the chain says", color=BLUE)
axes.text(9.5, 0.17, "as it was", color=ORANGE, ha="right")
axes.text(AHEAD, np.mean(states == 2) - 0.05, "share of warm months", color=GREY, ha="right")
axes.set(xlabel="months after a warm one", ylabel="share that is warm", xticks=range(0, AHEAD + 1, 6), ylim=(0, 1.03))
axes.set(title="After an El Niño: right for half a year")
save(figure)
