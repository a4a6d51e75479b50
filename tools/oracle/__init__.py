"""Real builds as the judge of the model: what `ctlint inspect` claims of an image is held against what BuildKit builds."""
