"""Parent and stage to one image: what each instruction, and each command of a RUN, does to the parent's files and accounts.

Stands on `image/`, `builds/`, `effects/` and what these stand on.
Begin reading at `fold.py`, then `run.py` and `apply.py`; `copy_instruction.py` is COPY and ADD.
"""
