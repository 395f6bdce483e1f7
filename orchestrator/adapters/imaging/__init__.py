"""Picture files through Pillow: reading hostile ones safely, writing thumbnails, cutouts and masks."""
