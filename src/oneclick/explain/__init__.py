"""Exact Shapley values of the decline score, and what people read of them."""
