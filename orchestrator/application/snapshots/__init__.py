"""Collections out of and into snapshots."""
