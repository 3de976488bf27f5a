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
from sklearn.decomposition import NMF
from tools import BLUE, canvas, compare, fit, save

import cdsl

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # lda leaves its file open
    from lda import datasets

    counts, words = datasets.load_reuters(), np.array(datasets.load_reuters_vocab())
often = counts.sum(0) >= 60
counts, words = counts[:, often], words[often]


def nmf(steps: int) -> list[np.ndarray]:
    """Shares after so many steps, kept above 0, where the logarithms of the spec begin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it has not converged
        factors = NMF(6, beta_loss="kullback-leibler", solver="mu", init="random", random_state=0, tol=0, max_iter=steps)
        mixes = factors.fit_transform(counts) * factors.components_.sum(1)
    both = [np.maximum(one / one.sum(1, keepdims=True), 1e-4) for one in (mixes, factors.components_)]
    return [one / one.sum(1, keepdims=True) for one in both]


model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Topics(counts=counts, K=6, dtype=torch.float64)
model.assign_(**dict(zip(("mixes", "topics"), nmf(30), strict=True)))
reached = fit(model, lambda values: values.log_likelihood, steps=300)
mixes, topics = nmf(600)
theirs = (counts * np.log(mixes @ topics)).sum()
# As many words a choice: their logarithms differ by a thousandth, where a topic less would take a hundredth.
compare("NMF", {"perplexity": (np.exp(-reached / counts.sum()), np.exp(-theirs / counts.sum()))}, within=1e-2)
found = model.topics.detach().numpy()
apart = np.abs(found - topics).sum(1) / 2
assert apart.max() < 0.2, "another topic, not the same one a little further"

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
