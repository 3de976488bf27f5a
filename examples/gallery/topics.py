"""What newspapers wrote about in 1996: six topics of 395 reports of Reuters, which the package `lda` ships.

To maximise this likelihood is to factor the counts under the Kullback-Leibler divergence, as NMF of scikit-learn does.
It has many maxima. Both sides go on from the same thirty steps of NMF, by L-BFGS and by more such steps, and end beside
each other. Which of them is ahead by a little depends on the machine.

    python examples/gallery/topics.py [PICTURE.png]
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from lda import datasets
from sklearn.decomposition import NMF
from tools import BLUE, canvas, compare, fit, save

import cdsl

warnings.simplefilter("ignore")  # lda leaves its file open, and NMF says that it has not converged
counts, words = datasets.load_reuters(), np.array(datasets.load_reuters_vocab())
often = counts.sum(0) >= 60
counts, words = counts[:, often], words[often]


def nmf(steps: int) -> list[np.ndarray]:
    """Shares of topics in texts and of words in topics, after so many steps."""
    options = {"init": "random", "random_state": 0, "tol": 0, "max_iter": steps}
    factors = NMF(6, beta_loss="kullback-leibler", solver="mu", **options)
    mixes = factors.fit_transform(counts) * factors.components_.sum(1)
    return [one / one.sum(1, keepdims=True) for one in (mixes, factors.components_)]


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Topics(counts=counts, K=6, dtype=torch.float64)
inside = [one + 1e-4 for one in nmf(30)]  # a share of 0 is outside of the domain
model.assign_(**{name: one / one.sum(1, keepdims=True) for name, one in zip(("mixes", "topics"), inside, strict=True)})
reached = fit(model, lambda values: values.log_likelihood, steps=300)

mixes, topics = nmf(600)
theirs = (counts[counts > 0] * np.log((mixes @ topics)[counts > 0])).sum()
# Neither has arrived; maxima that are next to each other differ by less than a thousandth.
compare("NMF", {"perplexity": (np.exp(-reached / counts.sum()), np.exp(-theirs / counts.sum()))}, within=2e-3)
found = model.topics.detach().numpy()
assert (np.abs(found - topics).sum(1) / 2).max() < 0.2  # of each topic's words, four of five are shared by both

figure, axes = canvas(nrows=2, ncols=3)
for axis, topic in zip(axes.flat, found, strict=True):
    top = topic.argsort()[-7:]
    axis.barh(words[top], topic[top], color=BLUE, height=0.25, align="edge")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    for place, word in enumerate(words[top]):
        axis.text(0, place - 0.08, word, va="top", fontsize=11)
figure.suptitle("The words of six topics")
save(figure)
