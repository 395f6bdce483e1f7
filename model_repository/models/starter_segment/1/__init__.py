"""The `<pack>_segment` business-logic model: masks from prompts, or of everything, over one SAM 2."""
