"""Retention for the online shop «В один клик»: who buys less, why, and what to offer."""

__version__ = "0.1.0"
