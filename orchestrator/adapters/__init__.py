"""Concrete engines behind the ports. They do not import each other."""
