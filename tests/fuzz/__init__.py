"""Fuzzing of the gateway. FUZZ_EXAMPLES says how much: 40 examples a test unless it is set."""

import os

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
