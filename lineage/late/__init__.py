"""Definitions that cost next to nothing until they are used: data classes and regular expressions.

Stands on nothing.
Begin reading at `dataclasses.py`.
"""
