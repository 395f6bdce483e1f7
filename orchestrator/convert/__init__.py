"""`python -m orchestrator.convert`: other programs' indexes into snapshots, snapshots into FAISS's."""
