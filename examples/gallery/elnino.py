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
print(counts, P, shares, reached)
for k in range(25):
    print(k, np.linalg.matrix_power(P, k)[2,2], np.mean(states[k:][states[:len(states)-k]==2]==2), (states==2).mean())
