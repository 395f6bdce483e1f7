"""What a migration remembers between its runs."""
