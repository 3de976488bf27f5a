import time
from pathlib import Path
import numpy as np
import torch
from lda import datasets
from sklearn.decomposition import NMF
from tools import BLUE, GREY, ORANGE, canvas, compare, fit, save
import cdsl
K=6
counts = datasets.load_reuters()
counts = counts[:, counts.sum(0) >= 20]
text, word = counts.nonzero()
seen = torch.from_numpy(counts[text, word]).double()
text, word = torch.from_numpy(text), torch.from_numpy(word)
print(counts.shape, len(seen))
def ll(v):
    return (seen * (v.mixes[text] * v.topics.T[word]).sum(-1).log()).sum()
s=time.time()
nmf = NMF(K, beta_loss="kullback-leibler", solver="mu", init="nndsvda", tol=1e-6, max_iter=1000).fit(counts)
W = nmf.transform(counts); H = nmf.components_
p = (W@H); p /= p.sum(1, keepdims=True)
theirs=(counts[counts>0]*np.log(p[counts>0])).sum()
print(theirs, time.time()-s, nmf.n_iter_)
for via in ("softmax", "isometric_log_ratio"):
  spec=Path("topics.cdsl").read_text().replace("softmax", via)
  model = cdsl.loads(spec, name="T").T(K=K, texts=counts.shape[0], words=counts.shape[1], dtype=torch.float64)
  for seed in range(2):
    model.randomize_(radius=0.5, generator=torch.Generator().manual_seed(seed))
    for steps in (100,100,200,400):
        s=time.time(); r=fit(model, ll, steps); print(via, seed, steps, r, time.time()-s, flush=True)
