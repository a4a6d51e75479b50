"""What all tests have in common."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _nobodys_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a ctlint that it starts, reads or writes the user's cache, or has the width of the terminal it is run in.

    What they start is compiled once, also where Python is told to keep nothing that it compiles: each start of ctlint would
    compile it all.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("COLUMNS", raising=False)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _garbage_is_looked_for_less_often() -> Iterator[None]:
    """As in ctlint itself, which does so yet less often: a tenth of the tests' time went into looking through what stays."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*usual)
