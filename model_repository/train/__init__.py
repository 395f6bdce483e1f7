"""The starter pack: a generator of drawn scenes with known answers, and the small models that learn from
it."""
