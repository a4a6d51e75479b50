"""Which version of ctlint this is."""

VERSION = "0.1.0"
