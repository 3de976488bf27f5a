"""Who voted for which party, on a scale of seven: an ordered logit on the American election study of 1996.

statsmodels ships the answers of 944 voters, from 0, a strong Democrat, to 6, a strong Republican.

    python examples/gallery/party.py [PICTURE.png]
"""

from pathlib import Path

import matplotlib as mpl
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

places = torch.linspace(1, 7, 61, dtype=torch.float64)  # from left to right; the rest as it is on average
voters = torch.zeros(61, 4, dtype=torch.float64)
voters[:, 0] = (places - data.selfLR.mean()) / data.selfLR.std()
model.set_data_(X=voters)
answers = 100 * model.answers.detach().numpy().T
figure, axes = canvas()
colours = mpl.colormaps["RdBu_r"]([0.1, 0.22, 0.36, 0.5, 0.64, 0.78, 0.9])
axes.stackplot(places, answers, colors=colours, edgecolor="white", linewidth=0.7)
axes.text(1.2, 8, "strong Democrat", color="white")
axes.text(2.65, 58, "Democrat", color="white", ha="center", va="center", rotation=-37)
axes.text(4.3, 53, "independent, or leans", ha="center", va="center", rotation=-41)
axes.text(5.95, 46, "Republican", color="white", ha="center", va="center", rotation=-37)
axes.text(6.85, 88, "strong Republican", color="white", ha="right")
axes.set(xlabel="place between left, 1, and right, 7, as voters see themselves", ylabel="share of voters, %")
axes.set(title="Party by place", xlim=(1, 7), ylim=(0, 100))
save(figure)
