"""Who voted for which party, on a scale of seven: an ordered logit on the American election study of 1996.

statsmodels ships the answers of 944 voters, from 0, a strong Democrat, to 6, a strong Republican.

    python examples/gallery/party.py [PICTURE.png]
"""

from pathlib import Path

import numpy as np
import torch
from statsmodels.datasets import anes96
from statsmodels.miscmodels.ordinal_model import OrderedModel
from tools import canvas, compare, fit, save

import cdsl

data = anes96.load_pandas().data
X = data[["selfLR", "age", "educ", "income"]]
X = (X - X.mean()) / X.std()
answer = torch.tensor(data.PID.to_numpy(int))

model = cdsl.load(Path(__file__).with_suffix(".cdsl")).Party(X=torch.tensor(X.to_numpy()), K=7, dtype=torch.float64)
reached = fit(model, lambda values: values.answers.gather(1, answer[:, None]).log().sum())

theirs = OrderedModel(answer.numpy(), X, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8, maxiter=500)
slopes, cuts = theirs.params.iloc[:4], theirs.model.transform_threshold_params(theirs.params.to_numpy())[1:-1]
# Both end where the gradient is below 1e-7; a voter tells of a slope to some 1e-4 of that.
rows = {"log-likelihood": (reached, theirs.llf), "slopes": (model.slopes, slopes), "cuts": (model.cuts, cuts)}
compare("statsmodels", rows, within=1e-5)
