"""The lineage as a graph: its questions, drift, and its pictures.

Stands on `workspace/`; the only room that loads the graph library.
Begin reading at `graph.py`. Each form of picture is a file; `lint/commands/graph.py` chooses which is drawn.
"""
