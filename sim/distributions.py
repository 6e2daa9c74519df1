"""Probability distributions as scenario files name them: frozen, with known moments, sampled in
blocks.

A distribution has no unit of its own: a duration's is in seconds, a consignment's in units. Draws
are rounded to whole numbers once, here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
    parameters: tuple[float, ...]

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
        """Return what a scenario file would say, durations written by *write*."""
        if self.name == "fixed":
            return write(self.parameters[0])
        kind = _KINDS[self.name]
        if self.name == "empirical":
            half = len(self.parameters) // 2
            return {
                "empirical": {
                    "values": [write(v) for v in self.parameters[:half]],
                    "weights": list(self.parameters[half:]),
                }
            }
        pairs = zip(kind.keys, self.parameters, strict=True)
        return {
            self.name: {key: value if key in PURE_NUMBERS else write(value) for key, value in pairs}
        }


def fixed(value: float) -> Distribution:
    """Return the distribution that is always *value*."""
    return Distribution("fixed", (float(value),))


PURE_NUMBERS = frozenset({"cv", "k", "shape", "weights"})
"""Parameters that have no unit, whatever is drawn."""


@dataclass(frozen=True, slots=True)
class _Kind:
    keys: tuple[str, ...]
    moments: Callable[[tuple[float, ...]], tuple[float, float]]
    draw: Callable[[Any, tuple[float, ...], int], Any]
    check: Callable[[tuple[float, ...]], str]
    """An empty text, or what is wrong."""

    def scale(self, parameters: tuple[float, ...], factor: float) -> tuple[float, ...]:
        if not self.keys:
            half = len(parameters) // 2
            return tuple(v * factor for v in parameters[:half]) + parameters[half:]
        return tuple(
            v if k in PURE_NUMBERS else v * factor
            for k, v in zip(self.keys, parameters, strict=True)
        )


def _mean_and_cv(p: tuple[float, ...]) -> tuple[float, float]:
    mean, cv = p
    return mean, (mean * cv) ** 2


def _erlang_moments(p: tuple[float, ...]) -> tuple[float, float]:
    mean, k = p
    return mean, mean**2 / k


def _triangular_moments(p: tuple[float, ...]) -> tuple[float, float]:
    a, m, b = p
    return (a + m + b) / 3, (a * a + b * b + m * m - a * b - a * m - b * m) / 18


def _pert_shape(p: tuple[float, ...]) -> tuple[float, float]:
    a, m, b = p
    return (1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a)) if b > a else (1.0, 1.0)


def _pert_moments(p: tuple[float, ...]) -> tuple[float, float]:
    a, m, b = p
    alpha, beta = _pert_shape(p)
    mean = (a + 4 * m + b) / 6
    return mean, (b - a) ** 2 * alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1))


def _weibull_moments(p: tuple[float, ...]) -> tuple[float, float]:
    mean, shape = p
    first, second = math.gamma(1 + 1 / shape), math.gamma(1 + 2 / shape)
    return mean, mean**2 * (second / first**2 - 1)


def _empirical_moments(p: tuple[float, ...]) -> tuple[float, float]:
    half = len(p) // 2
    values, weights = p[:half], p[half:]
    total = math.fsum(weights)
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / total
    second = math.fsum((v - mean) ** 2 * w for v, w in zip(values, weights, strict=True)) / total
    return mean, second


def _draw_gamma(g: Any, p: tuple[float, ...], n: int) -> Any:
    mean, cv = p
    return g.gamma(1 / cv**2, mean * cv**2, n) if cv > 0 else g.uniform(mean, mean, n)


def _draw_lognormal(g: Any, p: tuple[float, ...], n: int) -> Any:
    mean, cv = p
    if mean <= 0:
        return g.uniform(0, 0, n)
    sigma2 = math.log1p(cv**2)
    return g.lognormal(math.log(mean) - sigma2 / 2, math.sqrt(sigma2), n)


def _draw_triangular(g: Any, p: tuple[float, ...], n: int) -> Any:
    return g.triangular(*p, n) if p[2] > p[0] else g.uniform(p[0], p[0], n)


def _draw_empirical(g: Any, p: tuple[float, ...], n: int) -> Any:
    half = len(p) // 2
    total = math.fsum(p[half:])
    return g.choice(p[:half], size=n, p=[w / total for w in p[half:]])


def _draw_pert(g: Any, p: tuple[float, ...], n: int) -> Any:
    return p[0] + (p[2] - p[0]) * g.beta(*_pert_shape(p), n)


def _positive(p: tuple[float, ...]) -> str:
    return "" if all(v >= 0 for v in p) else "no parameter may be negative"


def _check_erlang(p: tuple[float, ...]) -> str:
    return "" if p[1] >= 1 and p[1] == int(p[1]) else "k must be a whole number of at least 1"


def _check_weibull(p: tuple[float, ...]) -> str:
    return "" if 0.1 <= p[1] <= 100 else "shape must lie between 0.1 and 100"


def _check_cv(p: tuple[float, ...]) -> str:
    return "" if p[1] <= 10 else "cv must not exceed 10"


def _check_order(p: tuple[float, ...]) -> str:
    return (
        "" if list(p) == sorted(p) else "must be ordered: low, then mode if there is one, then high"
    )


def _check_empirical(p: tuple[float, ...]) -> str:
    return "" if math.fsum(p[len(p) // 2 :]) > 0 else "the weights must not all be zero"


_KINDS: Mapping[str, _Kind] = {
    "fixed": _Kind(
        ("value",), lambda p: (p[0], 0.0), lambda g, p, n: g.uniform(p[0], p[0], n), _positive
    ),
    "exponential": _Kind(
        ("mean",), lambda p: (p[0], p[0] ** 2), lambda g, p, n: g.exponential(p[0], n), _positive
    ),
    "gamma": _Kind(("mean", "cv"), _mean_and_cv, _draw_gamma, _check_cv),
    "erlang": _Kind(
        ("mean", "k"), _erlang_moments, lambda g, p, n: g.gamma(p[1], p[0] / p[1], n), _check_erlang
    ),
    "lognormal": _Kind(("mean", "cv"), _mean_and_cv, _draw_lognormal, _check_cv),
    "uniform": _Kind(
        ("low", "high"),
        lambda p: ((p[0] + p[1]) / 2, (p[1] - p[0]) ** 2 / 12),
        lambda g, p, n: g.uniform(*p, n),
        _check_order,
    ),
    "triangular": _Kind(
        ("low", "mode", "high"), _triangular_moments, _draw_triangular, _check_order
    ),
    "pert": _Kind(("low", "mode", "high"), _pert_moments, _draw_pert, _check_order),
    "weibull": _Kind(
        ("mean", "shape"),
        _weibull_moments,
        lambda g, p, n: p[0] / math.gamma(1 + 1 / p[1]) * g.weibull(p[1], n),
        _check_weibull,
    ),
    "empirical": _Kind((), _empirical_moments, _draw_empirical, _check_empirical),
}

NAMES: Mapping[str, tuple[str, ...]] = {
    name: kind.keys or ("values", "weights") for name, kind in _KINDS.items()
}
"""Name of each distribution and the keys of its parameters."""


def parse_distribution(raw: object, read: Callable[[Any], float]) -> Distribution:
    """Return the distribution that *raw* says: a plain quantity, or ``{lognormal: {mean: 20h, cv:
    0.8}}``.

    Parameters
    ----------
    read
        Turns one written quantity into a number, e.g. ``36h`` into seconds; raises ValueError.

    Raises
    ------
    ValueError
        With what was got and what is allowed.
    """
    if not isinstance(raw, Mapping):
        return fixed(_checked(read(raw)))
    if len(raw) != 1 or next(iter(raw)) not in _KINDS:
        got = ", ".join(str(key) for key in raw) or "nothing"
        raise ValueError(
            f"a distribution has exactly one name; got {got}; allowed: {', '.join(_KINDS)}"
        )
    name, body = next(iter(raw.items()))
    parameters = _parameters(name, body, read)
    for value in parameters:
        _checked(value)
    problem = _KINDS[name].check(parameters)
    if problem:
        raise ValueError(f"{name}: {problem}; got {body}")
    return Distribution(name, parameters)


def _parameters(name: str, body: object, read: Callable[[Any], float]) -> tuple[float, ...]:
    if name == "empirical":
        return _empirical_parameters(body, read)
    keys = _KINDS[name].keys
    if not isinstance(body, Mapping):
        if len(keys) == 1:
            return (float(read(body)),)
        raise ValueError(f"{name} needs {{{', '.join(keys)}}}; got {body!r}")
    if set(body) != set(keys):
        raise ValueError(
            f"{name} needs exactly {', '.join(keys)}; got {', '.join(str(k) for k in body) or 'nothing'}"
        )
    return tuple(
        _number(body[key], key) if key in PURE_NUMBERS else float(read(body[key])) for key in keys
    )


def _empirical_parameters(body: object, read: Callable[[Any], float]) -> tuple[float, ...]:
    if not isinstance(body, Mapping) or not {"values"} <= set(body) <= {"values", "weights"}:
        raise ValueError("empirical needs {values: [...]} and may have {weights: [...]}")
    values = body["values"]
    weights = body.get("weights", [1] * len(values) if isinstance(values, list) else None)
    if (
        not isinstance(values, list)
        or not values
        or not isinstance(weights, list)
        or len(weights) != len(values)
    ):
        raise ValueError("empirical needs a list of values, and as many weights if there are any")
    return tuple(float(read(v)) for v in values) + tuple(_number(w, "weights") for w in weights)


def _number(raw: object, key: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError(f"{key} must be a number; got {raw!r}")
    return float(raw)


def _checked(value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"must be a finite number that is not negative; got {value:g}")
    return float(value)
