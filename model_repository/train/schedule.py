"""How the learning rate goes over a training."""


def rate(progress: float) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1]: a short rise, a plateau, a straight fall."""
    return min(1.0, 0.02 + progress / 0.02, max(0.01, (1 - progress) / 0.55))


def further_rate(progress: float) -> float:
    """As ``rate``, for weights that have learnt much already: half as high, falling from the first."""
    return min(0.02 + progress / 0.04, 0.5 * (1 - progress) + 0.005)
