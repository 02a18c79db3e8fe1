"""What a share says when few were counted."""

from math import sqrt

SURE = 1.96  # standard deviations: 95 of 100 such ranges hold the true share


def wilson(made: int, of: int, *, z: float = SURE) -> tuple[float, float]:
    """The range in which the true share lies; Wilson's, which stays within 0 and 1 and is right for few. 0..1 for none.

    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    if of == 0:
        return 0.0, 1.0
    share, squared = made / of, z * z
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    reach = z / (1 + squared / of) * sqrt(share * (1 - share) / of + squared / (4 * of * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)
