"""The captioner's business logic: what `<pack>_caption` runs inside Triton, with numpy alone."""
