"""Which version of ctlint this is, and where ctlint is published."""

VERSION = "0.1.0"
PUBLISHED = ""
"""The https address of the repository that ctlint is published at; empty until there is one. The only place to say it:
`tools/publish.py ADDRESS` sets it, and names the same address in every document.
"""
