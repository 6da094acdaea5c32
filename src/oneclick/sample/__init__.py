"""A seeded synthetic shop of any size that behaves like the real one and contains nothing of it."""
