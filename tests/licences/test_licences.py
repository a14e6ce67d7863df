"""Every dependency may be shipped with a program that is MIT OR Apache-2.0."""

import json
import subprocess

import pytest

from dateline import ROOT
from licences import fault


def test_every_dependency_is_allowed():
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    packages = json.loads(metadata.stdout)["packages"]
    assert len(packages) > 50, "cargo metadata listed too few packages to be true"
    assert [said for said in map(fault, packages) if said] == []


@pytest.mark.parametrize(
    "licence, reason",
    [
        (None, "no licence is declared"),
        ("GPL-3.0-only", "is not on the list"),
        ("MIT AND AGPL-3.0-only", "is not on the list"),
        ("GPL-2.0-only OR LGPL-3.0-only", "is not on the list"),
        ("Apache-2.0 WITH Classpath-exception-2.0", "is not on the list"),
        ("Free as in beer", "is no SPDX expression"),
    ],
)
def test_a_licence_that_is_not_allowed_is_found(licence, reason):
    package = {"name": "made-up", "version": "1.0.0", "license": licence}
    assert reason in fault(package)


@pytest.mark.parametrize(
    "licence",
    ["MIT", "MIT/Apache-2.0", "(MIT OR GPL-3.0-only) AND Unicode-3.0", "GPL-2.0-only OR MIT"],
)
def test_one_that_is_allowed_passes(licence):
    assert fault({"name": "made-up", "version": "1.0.0", "license": licence}) is None
