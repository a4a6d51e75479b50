"""What several rules ask of the facts, or what is too long for one rule: by subject in the rooms below, and here what all ask.

Stands on `lineage/`, and on no rule.
Begin reading at `questions.py`.
"""
