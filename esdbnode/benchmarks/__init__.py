"""Benchmarks: `python -m benchmarks.node`, with this package on the path and psutil installed."""
