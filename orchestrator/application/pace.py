"""How long work took lately, to tell what a deadline leaves room for."""

_MEMORY = 0.5  # what one more measurement counts
_DOUBT = 0.8  # what an estimate shrinks to each time that nothing was tried because of it


class Pace:
    """Seconds a unit of work, by what it is. Of what was never done nothing is known: it is tried."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def has_room(self, what: str, units: int, seconds: float | None) -> bool:
        """Whether so many units fit into the seconds that are left; None: all the time there is."""
        known = self._seconds.get(what, 0.0)
        if seconds is None or known * units <= seconds:
            return True
        self._seconds[what] = known * _DOUBT
        return False

    def took(self, what: str, units: int, seconds: float, *, ended: bool) -> None:
        """Remembers a measurement; of what did not end, that it takes so long at least."""
        known, new = self._seconds.get(what), seconds / max(units, 1)
        if ended and known is not None:
            new = _MEMORY * new + (1 - _MEMORY) * known
        self._seconds[what] = new if ended else max(new, known or 0.0)
