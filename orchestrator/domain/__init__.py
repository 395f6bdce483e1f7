"""What an image, a region, an embedding and a match are. Standard library and numpy only."""
