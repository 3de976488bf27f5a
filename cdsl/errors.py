"""The errors that cdsl raises.

CdslError
├── SpecError            a spec has problems; carries the diagnostics
├── runtime.DomainError  a value does not fit its parameter (also a ValueError)
├── runtime.NotBijective a log-Jacobian that does not exist (also a TypeError)
├── runtime.SignatureMismatch  a checkpoint of other constraints (also a RuntimeError)
└── runtime.CheckpointError  a file that is no checkpoint, or a damaged one (also a ValueError)
"""


class CdslError(Exception):
    """The base of every error that cdsl raises on purpose."""
