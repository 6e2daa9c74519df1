"""Probability distributions as scenario files name them: frozen, with known moments.

A distribution has no unit of its own: a duration's is in seconds, a consignment's in units. Draws
are rounded to whole numbers once, here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Parameters: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A named distribution with its parameters, in the order the name asks for.

    Attributes
    ----------
    name
        One of `NAMES`.
    parameters
        Canonical parameters, see `NAMES`; for ``empirical`` the values, then as many weights.
    """

    name: str
    parameters: Parameters

    @property
    def is_constant(self) -> bool:
        """Whether every draw is the same."""
        return self.variance == 0

    @property
    def mean(self) -> float:
        """Expected value."""
        return _KINDS[self.name].moments(self.parameters)[0]

    @property
    def variance(self) -> float:
        """Variance, before rounding to whole numbers."""
        return _KINDS[self.name].moments(self.parameters)[1]

    def sample(self, generator: np.random.Generator, size: int) -> NDArray[np.int64]:
        """Draw *size* whole numbers, none below zero."""
        import numpy as np

        values = _KINDS[self.name].draw(generator, self.parameters, size)
        return np.maximum(np.rint(values), 0).astype(np.int64)

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of *factor* times the draw."""
        return Distribution(self.name, _KINDS[self.name].scale(self.parameters, factor))

    def as_mapping(self, write: Callable[[float], Any] = float) -> Any:
        """Return the distribution as a scenario file writes it, quantities written by *write*."""
        if self.name == "fixed":
            return write(self.parameters[0])
        if self.name == "empirical":
            values, weights = _values_and_weights(self.parameters)
            written = {"values": [write(value) for value in values], "weights": list(weights)}
            return {"empirical": written}
        body = {}
        for key, value in zip(_KINDS[self.name].keys, self.parameters, strict=True):
            body[key] = value if key in PURE_NUMBERS else write(value)
        return {self.name: body}


def fixed(value: float) -> Distribution:
    """Return the distribution that is always *value*."""
    return Distribution("fixed", (float(value),))


PURE_NUMBERS = frozenset({"cv", "k", "shape", "weights"})
"""Parameters that have no unit, whatever is drawn."""


@dataclass(frozen=True, slots=True)
class _Check:
    holds: Callable[[Parameters], bool]
    rule: str
    """What a user reads where it does not hold."""


@dataclass(frozen=True, slots=True)
class _Kind:
    keys: tuple[str, ...]
    """Names of the parameters in order; empty for ``empirical``, which has any number of them."""
    moments: Callable[[Parameters], tuple[float, float]]
    """Mean and variance."""
    draw: Callable[[Any, Parameters, int], Any]
    check: _Check

    def scale(self, parameters: Parameters, factor: float) -> Parameters:
        if not self.keys:
            values, weights = _values_and_weights(parameters)
            return (*(value * factor for value in values), *weights)
        return tuple(
            value if key in PURE_NUMBERS else value * factor
            for key, value in zip(self.keys, parameters, strict=True)
        )


# -- moments
# --------------------------------------------------------------------------------------------------


def _mean_and_cv(p: Parameters) -> tuple[float, float]:
    mean, cv = p
    return mean, (mean * cv) ** 2


def _erlang_moments(p: Parameters) -> tuple[float, float]:
    mean, k = p
    return mean, mean**2 / k


def _uniform_moments(p: Parameters) -> tuple[float, float]:
    low, high = p
    return (low + high) / 2, (high - low) ** 2 / 12


def _triangular_moments(p: Parameters) -> tuple[float, float]:
    a, m, b = p
    return (a + m + b) / 3, (a * a + b * b + m * m - a * b - a * m - b * m) / 18


def _pert_shape(p: Parameters) -> tuple[float, float]:
    """Return the two parameters of the beta distribution that PERT stretches."""
    a, m, b = p
    if b <= a:
        return 1.0, 1.0
    return 1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a)


def _pert_moments(p: Parameters) -> tuple[float, float]:
    a, m, b = p
    alpha, beta = _pert_shape(p)
    mean = (a + 4 * m + b) / 6
    return mean, (b - a) ** 2 * alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1))


def _weibull_moments(p: Parameters) -> tuple[float, float]:
    mean, shape = p
    first, second = math.gamma(1 + 1 / shape), math.gamma(1 + 2 / shape)
    return mean, mean**2 * (second / first**2 - 1)


def _empirical_moments(p: Parameters) -> tuple[float, float]:
    values, weights = _values_and_weights(p)
    total = math.fsum(weights)
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / total
    second = math.fsum((v - mean) ** 2 * w for v, w in zip(values, weights, strict=True)) / total
    return mean, second


def _values_and_weights(p: Parameters) -> tuple[Parameters, Parameters]:
    """Return the two halves of the parameters of an empirical distribution."""
    half = len(p) // 2
    return p[:half], p[half:]


# -- draws
# --------------------------------------------------------------------------------------------------


def _constant(g: Any, value: float, n: int) -> Any:
    """Return *value* *n* times; takes as many random numbers as a uniform distribution."""
    return g.uniform(value, value, n)


def _draw_fixed(g: Any, p: Parameters, n: int) -> Any:
    return _constant(g, p[0], n)


def _draw_exponential(g: Any, p: Parameters, n: int) -> Any:
    return g.exponential(p[0], n)


def _draw_gamma(g: Any, p: Parameters, n: int) -> Any:
    mean, cv = p
    if cv == 0:
        return _constant(g, mean, n)
    return g.gamma(1 / cv**2, mean * cv**2, n)


def _draw_erlang(g: Any, p: Parameters, n: int) -> Any:
    mean, k = p
    return g.gamma(k, mean / k, n)


def _draw_lognormal(g: Any, p: Parameters, n: int) -> Any:
    mean, cv = p
    if mean <= 0:
        return _constant(g, 0, n)
    sigma2 = math.log1p(cv**2)
    return g.lognormal(math.log(mean) - sigma2 / 2, math.sqrt(sigma2), n)


def _draw_uniform(g: Any, p: Parameters, n: int) -> Any:
    low, high = p
    return g.uniform(low, high, n)


def _draw_triangular(g: Any, p: Parameters, n: int) -> Any:
    low, mode, high = p
    if high <= low:
        return _constant(g, low, n)
    return g.triangular(low, mode, high, n)


def _draw_pert(g: Any, p: Parameters, n: int) -> Any:
    low, _, high = p
    return low + (high - low) * g.beta(*_pert_shape(p), n)


def _draw_weibull(g: Any, p: Parameters, n: int) -> Any:
    mean, shape = p
    return mean / math.gamma(1 + 1 / shape) * g.weibull(shape, n)


def _draw_empirical(g: Any, p: Parameters, n: int) -> Any:
    values, weights = _values_and_weights(p)
    total = math.fsum(weights)
    return g.choice(values, size=n, p=[weight / total for weight in weights])


_NOT_NEGATIVE = _Check(lambda p: all(v >= 0 for v in p), "no parameter may be negative")
_CV = _Check(lambda p: p[1] <= 10, "cv must not exceed 10")
_WHOLE_K = _Check(
    lambda p: p[1] >= 1 and p[1] == int(p[1]), "k must be a whole number of at least 1"
)
_SHAPE = _Check(lambda p: 0.1 <= p[1] <= 100, "shape must lie between 0.1 and 100")
_ORDER = _Check(
    lambda p: list(p) == sorted(p), "must be ordered: low, then mode if there is one, then high"
)
_WEIGHTS = _Check(
    lambda p: math.fsum(_values_and_weights(p)[1]) > 0, "the weights must not all be zero"
)

_KINDS: Mapping[str, _Kind] = {
    "fixed": _Kind(("value",), lambda p: (p[0], 0.0), _draw_fixed, _NOT_NEGATIVE),
    "exponential": _Kind(("mean",), lambda p: (p[0], p[0] ** 2), _draw_exponential, _NOT_NEGATIVE),
    "gamma": _Kind(("mean", "cv"), _mean_and_cv, _draw_gamma, _CV),
    "erlang": _Kind(("mean", "k"), _erlang_moments, _draw_erlang, _WHOLE_K),
    "lognormal": _Kind(("mean", "cv"), _mean_and_cv, _draw_lognormal, _CV),
    "uniform": _Kind(("low", "high"), _uniform_moments, _draw_uniform, _ORDER),
    "triangular": _Kind(("low", "mode", "high"), _triangular_moments, _draw_triangular, _ORDER),
    "pert": _Kind(("low", "mode", "high"), _pert_moments, _draw_pert, _ORDER),
    "weibull": _Kind(("mean", "shape"), _weibull_moments, _draw_weibull, _SHAPE),
    "empirical": _Kind((), _empirical_moments, _draw_empirical, _WEIGHTS),
}

NAMES: Mapping[str, tuple[str, ...]] = {
    name: kind.keys or ("values", "weights") for name, kind in _KINDS.items()
}
"""Name of each distribution and the keys of its parameters."""


# -- reading
# --------------------------------------------------------------------------------------------------


def parse_distribution(raw: object, read: Callable[[Any], float]) -> Distribution:
    """Return the distribution that a scenario file writes.

    Parameters
    ----------
    raw
        A plain quantity, or a name with its parameters: ``{lognormal: {mean: 20h, cv: 0.8}}``.
    read
        Turns one written quantity into a number, e.g. ``36h`` into seconds; raises ValueError.

    Raises
    ------
    ValueError
        With what was read and what is allowed.
    """
    if not isinstance(raw, Mapping):
        return fixed(_checked(read(raw)))
    if len(raw) != 1 or next(iter(raw)) not in _KINDS:
        got = ", ".join(str(key) for key in raw) or "nothing"
        raise ValueError(
            f"a distribution has exactly one name; got {got}; allowed: {', '.join(_KINDS)}"
        )
    name, body = next(iter(raw.items()))
    parameters = tuple(_checked(value) for value in _parameters(name, body, read))
    check = _KINDS[name].check
    if not check.holds(parameters):
        raise ValueError(f"{name}: {check.rule}; got {body}")
    return Distribution(name, parameters)


def _parameters(name: str, body: object, read: Callable[[Any], float]) -> Parameters:
    if name == "empirical":
        return _empirical_parameters(body, read)
    keys = _KINDS[name].keys
    if not isinstance(body, Mapping):
        if len(keys) == 1:
            return (float(read(body)),)
        raise ValueError(f"{name} needs {{{', '.join(keys)}}}; got {body!r}")
    if set(body) != set(keys):
        got = ", ".join(str(key) for key in body) or "nothing"
        raise ValueError(f"{name} needs exactly {', '.join(keys)}; got {got}")
    return tuple(
        _pure(body[key], key) if key in PURE_NUMBERS else float(read(body[key])) for key in keys
    )


def _empirical_parameters(body: object, read: Callable[[Any], float]) -> Parameters:
    if not isinstance(body, Mapping) or not {"values"} <= set(body) <= {"values", "weights"}:
        raise ValueError("empirical needs {values: [...]} and may have {weights: [...]}")
    remedy = "empirical needs a list of values, and as many weights if there are any"
    values = body["values"]
    if not isinstance(values, list) or not values:
        raise ValueError(remedy)
    weights = body.get("weights", [1] * len(values))
    if not isinstance(weights, list) or len(weights) != len(values):
        raise ValueError(remedy)
    return (
        *(float(read(value)) for value in values),
        *(_number(weight, "weights") for weight in weights),
    )


MOST_OF_A_SHAPE = 1_000
"""Above this a spread or shape is a mistake, and powers of it overflow."""


def _pure(raw: object, key: str) -> float:
    """Return a parameter that has no unit, such as a spread."""
    number = _number(raw, key)
    if number > MOST_OF_A_SHAPE:
        raise ValueError(f"{key} must be at most {MOST_OF_A_SHAPE:,}; got {number:g}")
    return number


def _number(raw: object, key: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError(f"{key} must be a number; got {raw!r}")
    return float(raw)


def _checked(value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"must be a finite number that is not negative; got {value:g}")
    return float(value)
