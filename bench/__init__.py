"""Benchmarks: each row a ratio to a reference that runs beside it, in the same run."""
