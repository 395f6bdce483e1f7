"""The `<pack>_segment` business-logic model: prompts and automatic masks over one SAM 2 encoder and decoder."""
