"""Everything that Triton loads, and what builds it."""
