"""Functions of every entry by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdsl.functions.base import Code, Elementwise, Operand
from cdsl.model import Kind


@dataclass(frozen=True)
class Choice(Elementwise):
    """One of two, by a condition."""

    def kind(self, operands: Sequence[Operand]) -> Kind:
        """Whole of whole numbers."""
        _, x, y = operands
        return "int" if (x.kind, y.kind) == ("int", "int") else "real"

    def python(self, operands: Sequence[Code], **options: Any) -> str:
        """Python's own choice between plain numbers."""
        condition, x, y = operands
        if condition.plain and x.plain and y.plain:
            return f"({x.text} if {condition.text} else {y.text})"
        asked = f"self._bool({condition.text})" if condition.plain else condition.text
        return f"torch.where({asked}, {x.text}, {y.text})"


FUNCTIONS = (
    Elementwise("exp", "eˣ", "torch.exp"),
    Elementwise("exp2", "2ˣ", "torch.exp2"),
    Elementwise("expm1", "eˣ - 1, exact near 0", "torch.expm1"),
    Elementwise("log", "the natural logarithm", "torch.log"),
    Elementwise("log2", "the logarithm to base 2", "torch.log2"),
    Elementwise("log10", "the logarithm to base 10", "torch.log10"),
    Elementwise("log1p", "log(1 + x), exact near 0", "torch.log1p"),
    Elementwise("sqrt", "√x", "torch.sqrt"),
    Elementwise("rsqrt", "1/√x", "torch.rsqrt"),
    Elementwise("square", "x²", "torch.square", real=False, keeps_int=True),
    Elementwise("abs", "|x|", "torch.abs", real=False, keeps_int=True),
    Elementwise("sign", "-1, 0 or 1", "torch.sign", real=False, keeps_int=True),
    Elementwise("floor", "the next whole number below", "torch.floor"),
    Elementwise("ceil", "the next whole number above", "torch.ceil"),
    Elementwise("round", "the nearest whole number, ties to even", "torch.round"),
    Elementwise("sin", "sine", "torch.sin"),
    Elementwise("cos", "cosine", "torch.cos"),
    Elementwise("tan", "tangent", "torch.tan"),
    Elementwise("asin", "arc sine", "torch.asin"),
    Elementwise("acos", "arc cosine", "torch.acos"),
    Elementwise("atan", "arc tangent", "torch.atan"),
    Elementwise("atan2", "the angle of the point (x, y)", "torch.atan2", ("y", "x")),
    Elementwise("sinh", "hyperbolic sine", "torch.sinh"),
    Elementwise("cosh", "hyperbolic cosine", "torch.cosh"),
    Elementwise("tanh", "hyperbolic tangent", "torch.tanh"),
    Elementwise("asinh", "inverse hyperbolic sine", "torch.asinh"),
    Elementwise("acosh", "inverse hyperbolic cosine", "torch.acosh"),
    Elementwise("atanh", "inverse hyperbolic tangent", "torch.atanh"),
    Elementwise("logit", "log(p / (1 - p))", "torch.logit"),
    Elementwise("inv_logit", "1 / (1 + e⁻ˣ)", "torch.sigmoid"),
    Elementwise("log_inv_logit", "log(1 / (1 + e⁻ˣ))", "torch.nn.functional.logsigmoid"),
    Elementwise("softplus", "log(1 + eˣ)", "torch.logaddexp({0}, torch.zeros_like({0}))"),
    Elementwise("logaddexp", "log(eˣ + eʸ)", "torch.logaddexp", ("x", "y")),
    Elementwise("relu", "max(x, 0)", "torch.relu"),
    Elementwise("erf", "the error function", "torch.erf"),
    Elementwise("erfc", "1 - erf(x), exact where that is small", "torch.erfc"),
    Elementwise("Phi", "the normal distribution function", "torch.special.ndtr"),
    Elementwise("log_Phi", "its logarithm", "torch.special.log_ndtr"),
    Elementwise("inv_Phi", "its inverse", "torch.special.ndtri"),
    Elementwise("lgamma", "log |Γ(x)|", "torch.lgamma"),
    Elementwise("digamma", "the derivative of lgamma", "torch.digamma"),
    Choice("where", "x where the condition holds, y elsewhere", "torch.where", ("condition", "x", "y"), real=False),
)
