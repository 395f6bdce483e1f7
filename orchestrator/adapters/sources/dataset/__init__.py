"""Rows of Parquet and Arrow files, of folders and of the Hugging Face hub. Needs the extra `import`."""
