"""Three kinds of iris that nobody names: a Gaussian mixture on the 150 flowers of scikit-learn, in four dimensions.

python examples/gallery/iris.py [PICTURE.png]
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.patches import Ellipse
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture
from tools import BLUE, GREEN, ORANGE, canvas, compare, fit, save
from torch import Tensor
from torch.distributions import MultivariateNormal

import cdsl

flowers = load_iris()
x = torch.from_numpy(flowers.data)


def joint(values: Any) -> Tensor:
    """log p(flower, kind), `(N, K)`."""
    return values.weights.log() + MultivariateNormal(values.means, scale_tril=values.factors).log_prob(x[:, None])


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Iris(K=3, D=4, dtype=torch.float64)
thirds = x[x[:, 2].argsort()].reshape(3, 50, 4)  # flowers in order of their petals: equal starts would stay equal
model.assign_(means=thirds.mean(1), factors=torch.linalg.cholesky(torch.stack([third.T.cov() for third in thirds])))
reached = fit(model, lambda values: joint(values).logsumexp(-1).sum())

theirs = GaussianMixture(3, tol=1e-12, reg_covar=0, max_iter=10_000, random_state=0).fit(x.numpy())
order = [int(((theirs.means_ - mean) ** 2).sum(1).argmin()) for mean in model.means.detach().numpy()]
covariances = model.factors @ model.factors.mT
# Their EM stops at a gain of 1e-12 a flower, in a likelihood that is quadratic there: parameters to the root of that.
rows = {
    "log-likelihood": (reached, theirs.score(x.numpy()) * len(x)),
    "shares": (model.weights, theirs.weights_[order]),
}
rows["petal lengths"] = (model.means[:, 2], theirs.means_[order, 2])
rows["their variances"] = (covariances[:, 2, 2], theirs.covariances_[order, 2, 2])
compare("scikit-learn", rows, within=1e-5)
kinds = joint(model()).argmax(-1).numpy()
print(f"flowers of the species that their kind is: {(kinds == flowers.target).sum()} of {len(x)}")

figure, axes = canvas()
for kind, colour in enumerate((BLUE, ORANGE, GREEN)):
    for species, mark in enumerate("o^s"):
        axes.plot(*x[(kinds == kind) & (flowers.target == species)][:, [2, 1]].T, mark, color=colour, markersize=5)
    mean, covariance = model.means[kind, [2, 1]].detach(), covariances[kind][[2, 1]][:, [2, 1]].detach().numpy()
    squares, ((across, _), (up, _)) = np.linalg.eigh(covariance)
    turned = np.degrees(np.arctan2(up, across))
    axes.add_patch(Ellipse(mean, *4 * np.sqrt(squares), angle=turned, fill=False, edgecolor=colour))
    axes.text(mean[0], 4.55 - kind / 3, flowers.target_names[kind], color=colour, ha="center")
axes.set(xlabel="length of a petal, cm", ylabel="width of a sepal, cm", ylim=(1.9, 4.8))
axes.set(title="Three kinds by colour, three species by mark")
save(figure)
