"""How long value, log-Jacobian and gradient take, beside torch, NumPyro and Stan."""
