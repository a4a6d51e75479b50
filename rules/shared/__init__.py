"""What several rules ask of the facts, or what is too long for one rule.

Stands on `lineage/`, and on no rule.
Begin reading at `questions.py`.
"""
