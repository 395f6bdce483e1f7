"""Object stores: where the pictures' files lie."""
