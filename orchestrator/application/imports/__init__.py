"""Imports: from the source's listing to images and text records, surviving whatever dies on the way."""
