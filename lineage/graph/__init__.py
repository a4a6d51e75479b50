"""The lineage as a graph: its questions, drift, and its pictures.

Stands on `workspace/`; the only room that loads the graph library.
Begin reading at `graph.py`.
"""
