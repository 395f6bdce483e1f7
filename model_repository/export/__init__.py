"""Checkpoint to ONNX to Triton, each step behind a parity gate."""
