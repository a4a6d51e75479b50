"""Accounts that packages may bring: the reason names one package, in every run the same."""

import pytest

from ctlint.lineage.image.accounts import UNKNOWN_PACKAGE, Accounts
from ctlint.lineage.text.errors import Unknown


@pytest.mark.parametrize(
    ("packages", "named"),
    [
        ({"mc", "tomcat8", "tomcat8-common", "tom", "cat", "libtomcat8", "omc", UNKNOWN_PACKAGE}, "tomcat8"),
        ({"tomcat8-common", "libtomcat8", "tomcat8-admin", "tomcat8-user", UNKNOWN_PACKAGE}, "libtomcat8"),
        ({"curl", UNKNOWN_PACKAGE}, UNKNOWN_PACKAGE),
    ],
)
def test_the_package_of_that_name_is_named_then_the_first_in_order(packages: set[str], named: str) -> None:
    answer = Accounts(packages=frozenset(packages)).get("tomcat8")
    assert isinstance(answer, Unknown)
    what = "a package whose name is not known" if named == UNKNOWN_PACKAGE else f"the package {named}"
    assert answer.reason == f"{what} may bring the account tomcat8"


def test_a_package_of_another_name_brings_no_account() -> None:
    assert Accounts(packages=frozenset(("curl",))).get("tomcat8") is None
