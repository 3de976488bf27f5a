"""What lies behind the chemistry of wine: correlated factors on the 178 wines of scikit-learn, thirteen measures of each.

Factor analysis of scikit-learn finds uncorrelated factors, up to a rotation. Turned so that each anchor has one factor
alone, they are correlated, and these correlations are the ones of the spec.

    python examples/gallery/wine.py [PICTURE.png]
"""

from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.decomposition import FactorAnalysis
from tools import BLUE, GREEN, ORANGE, PLATE, canvas, compare, fit, save
from torch.distributions import MultivariateNormal

import cdsl

wines = load_wine()
names = ["flavanoids", "color_intensity"]  # the anchors
names += [name for name in wines.feature_names if name not in names]
x = torch.from_numpy(wines.data[:, [wines.feature_names.index(name) for name in names]])
x = (x - x.mean(0)) / x.std(0, correction=0)

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Wine(K=2, D=13, dtype=torch.float64)
reached = fit(model, lambda values: MultivariateNormal(torch.zeros_like(x[0]), values.covariance).log_prob(x).sum())

theirs = FactorAnalysis(2, tol=1e-12, max_iter=20_000, svd_method="lapack").fit(x.numpy())
anchors = theirs.components_.T[:2]
own = np.linalg.norm(anchors, axis=1)
# Their EM stops at a gain of 1e-12, in a likelihood that is quadratic there: parameters to the root of that, and some.
rows = {
    "log-likelihood": (reached, theirs.score(x.numpy()) * len(x)),
    "correlation": (model.correlations[0, 1], anchors[0] @ anchors[1] / own.prod()),
    "anchors": (model.own, own),
}
compare("scikit-learn", rows, within=1e-4)
assert np.abs(model.covariance.detach().numpy() - theirs.get_covariance()).max() < 1e-4

values = model()  # each wine's factors, as its measures tell them: E[factors | x]
scores = (values.correlations @ values.loadings.T @ torch.linalg.solve(values.covariance, x.T)).detach()
figure, axes = canvas()
for cultivar, colour in enumerate((BLUE, ORANGE, GREEN)):
    its = scores[:, wines.target == cultivar]
    axes.plot(*its, "o", color=colour, markersize=4)
    axes.text(*its.mean(1), f"cultivar {cultivar + 1}", color=colour, ha="center", weight="bold", bbox=PLATE)
axes.set(
    xlabel="factor of the flavanoids", ylabel="factor of the colour", title="Two factors tell three cultivars apart"
)
save(figure)
