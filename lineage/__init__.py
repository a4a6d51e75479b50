"""The way from a target to effective images: repositories, Dockerfiles, FROM chains, file trees, boot plans."""
