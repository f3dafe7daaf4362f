"""Lifecycle, queue and execution of runs."""
