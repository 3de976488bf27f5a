"""How exact the maps are, beside torch, NumPyro and Stan, on the same raws: `python -m benchmarks.accuracy`.

`rows` has a row for every transform of the registry, `truth` what it computes to 60 digits (the tests' oracles, mpmath),
`sides` what the libraries compute, `figures` the errors, `__main__` the table. What a figure means is said at the head of
`docs/accuracy.md`. NumPyro and Stan come with `pip install -e '.[benchmarks]'`; a side that is not installed, or has no such
map, shows `-`. Stan gives its log-Jacobian and that one's gradient, in float64 alone.
"""
