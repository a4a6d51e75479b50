"""The names of the formats that a report can be written in; apart, as the command line needs no more of them."""

FORMATS = ("concise", "json", "sarif", "github", "gitlab", "junit")
"""What `report_formats.render` knows; `text` is for terminals and is drawn by `console`."""
