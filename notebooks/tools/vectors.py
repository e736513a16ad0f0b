"""How near two texts are, by their vectors."""

from math import hypot


def similarity(a, b):
    """Return the cosine of the angle between two vectors: 1 for the same direction."""
    return sum(x * y for x, y in zip(a, b, strict=True)) / (hypot(*a) * hypot(*b))
