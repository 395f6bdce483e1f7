"""The learning rate over a training."""


def rate(progress: float) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1]: a short rise, a plateau, a straight fall."""
    return min(1.0, 0.02 + progress / 0.02, max(0.01, (1 - progress) / 0.55))
