"""`make bench`: whole paths against the engines alone, as ratios of one run."""
