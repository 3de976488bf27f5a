"""The errors that a generated module raises."""

from cdsl.errors import CdslError


class DomainError(CdslError, ValueError):
    """A value that does not fit its parameter: outside the domain, of another shape, or not finite."""


class NotBijective(CdslError, TypeError):
    """A log-Jacobian was asked of a transform that has none."""


class SignatureMismatch(CdslError, RuntimeError):
    """A checkpoint was saved under other constraints than those it is loaded into."""


class CheckpointError(CdslError, ValueError):
    """A file that is no checkpoint, not all of one, or damaged; or a model that cannot be written to one."""
