"""Segments, offers, budget, control group, campaign files and the measured effect."""
