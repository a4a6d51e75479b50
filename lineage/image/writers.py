"""What kind of writer a cloud of a tree stands for."""

from .tree import Cloud


def only_packages(cloud: Cloud) -> bool:
    """Whether it stands for packages and tools of a distribution alone, which leave homes and s6-overlay's places alone.

    An unknown parent, a script that cannot be read and a program that may write anywhere are other writers.
    """
    return not (cloud.covers("/command/\0") or cloud.covers("/home/\0"))
