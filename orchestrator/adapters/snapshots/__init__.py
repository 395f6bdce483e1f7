"""Snapshots as open files: Parquet for records and vectors, JSON for the manifest."""
