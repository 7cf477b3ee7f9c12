"""Backends, devices, memory and processes."""
