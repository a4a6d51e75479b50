"""`ctlint verify`: what is right, wrong and not known of a prediction, and whose fault a wrong claim is."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from oci_images import Item, file, folder, image, layout, link

DOCKERFILE = """FROM scratch
COPY root/ /
ENV MODE=one
RUN mkdir -p /opt/made && touch /opt/made/x && ln -s x /opt/made/l
EXPOSE 80
VOLUME /data
LABEL a=b
USER kim
WORKDIR /opt
ENTRYPOINT ["/run"]
CMD ["x"]
"""
HISTORY: list[dict[str, Any]] = [
    {"created_by": "COPY root/ / # buildkit"},
    {"created_by": "ENV MODE=one", "empty_layer": True},
    {"created_by": "RUN /bin/sh -c mkdir -p /opt/made && touch /opt/made/x && ln -s x /opt/made/l # buildkit"},
    {"created_by": "EXPOSE [80/tcp]", "empty_layer": True},
    {"created_by": "VOLUME [/data]", "empty_layer": True},
    {"created_by": "LABEL a=b", "empty_layer": True},
    {"created_by": "USER kim", "empty_layer": True},
    {"created_by": "WORKDIR /opt", "empty_layer": True},
    {"created_by": 'ENTRYPOINT ["/run"]', "empty_layer": True},
    {"created_by": 'CMD ["x"]', "empty_layer": True},
]
SETTINGS: dict[str, Any] = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "MODE=one"],
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "Labels": {"a": "b"},
    "User": "kim",
    "WorkingDir": "/opt",
    "Entrypoint": ["/run"],
    "Cmd": ["x"],
}


@dataclass(frozen=True)
class Real:
    """What was built, to be changed by a test."""

    lower: tuple[Item, ...] = (file("run", "#!/bin/sh\n", 0o755), file("etc/conf", "a=b\n"))
    upper: tuple[Item, ...] = (folder("opt"), folder("opt/made"), file("opt/made/x"), link("opt/made/l", "x"))
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    history: list[dict[str, Any]] = field(default_factory=lambda: list(HISTORY))

    def without(self, path: str) -> "Real":
        lower, upper = (tuple(i for i in items if i[0].name != path) for items in (self.lower, self.upper))
        return replace(self, lower=lower, upper=upper)

    def set(self, **settings: Any) -> "Real":
        return replace(self, settings={**self.settings, **settings})


@pytest.fixture
def held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Real], tuple[int, Any]]:
    """Holds the repository against an image that was built; exit code and JSON."""
    (tmp_path / "root" / "etc").mkdir(parents=True)
    (tmp_path / "root" / "run").write_text("#!/bin/sh\n")
    (tmp_path / "root" / "run").chmod(0o755)
    (tmp_path / "root" / "etc" / "conf").write_text("a=b\n")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(tmp_path)

    def hold(real: Real) -> tuple[int, Any]:
        made = image(real.lower, real.upper, settings=real.settings, history=real.history)
        layout(tmp_path / ".git-ignored", {"x": made})
        code = main(["verify", "oci:.git-ignored", "--format", "json"])
        captured = capsys.readouterr()
        assert captured.err == ""
        found = json.loads(captured.out)
        jsonschema.validate(found, json.loads(schema("verify")))
        return code, found

    return hold


def test_a_right_prediction_has_no_wrong_claim(held: Callable[[Real], tuple[int, Any]]) -> None:
    code, found = held(Real())
    assert found["wrong"] == []
    assert (code, found["mismatch"]) == (0, None)
    assert found["coverage"] == {"known": 7, "of": 7, "build_alone": True}
    assert found["claims"]["content"]["right"] == 3
    assert {"env", "user", "workdir", "entrypoint", "cmd", "label", "port", "volume"} <= set(found["claims"])


def test_an_entrypoint_of_one_empty_word_is_none_as_the_engine_has_it(
    held: Callable[[Real], tuple[int, Any]], tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace('["/run"]', '[""]'))
    _, found = held(Real().set(Entrypoint=[""]))
    assert found["wrong"] == []


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (lambda real: real.without("etc/conf"), ("there", "/etc/conf")),
        (lambda real: replace(real, lower=(*real.lower, file("etc/more"))), ("absent", "/etc/more")),
        (lambda real: replace(real, lower=(file("run", "#!/bin/sh\n"), real.lower[1])), ("mode", "/run")),
        (lambda real: replace(real, lower=(file("run", "no\n", 0o755), real.lower[1])), ("content", "/run")),
        (lambda real: replace(real, lower=(real.lower[0], file("etc/conf", "a=b\n", uid=5))), ("owner", "/etc/conf")),
        (lambda real: replace(real, upper=(*real.upper[:3], link("opt/made/l", "y"))), ("target", "/opt/made/l")),
        (
            lambda real: replace(real, upper=(*real.upper[:2], folder("opt/made/x"), real.upper[3])),
            ("kind", "/opt/made/x"),
        ),
        (lambda real: real.set(Env=[*SETTINGS["Env"], "B=c"]), ("env", "B")),
        (lambda real: real.set(Env=[SETTINGS["Env"][0], "MODE=two"]), ("env", "MODE")),
        (lambda real: real.set(User="lee"), ("user", "USER")),
        (lambda real: real.set(WorkingDir="/"), ("workdir", "WORKDIR")),
        (lambda real: real.set(Entrypoint=["/other"]), ("entrypoint", "ENTRYPOINT")),
        (lambda real: real.set(Cmd=None), ("cmd", "CMD")),
        (lambda real: real.set(Labels={"a": "c"}), ("label", "a")),
        (lambda real: real.set(ExposedPorts={"81/tcp": {}}), ("port", "81/tcp")),
        (lambda real: real.set(Volumes={}), ("volume", "/data")),
        (lambda real: real.set(OnBuild=["RUN x"]), ("onbuild", "ONBUILD")),
        (lambda real: real.set(StopSignal="TERM"), ("stopsignal", "STOPSIGNAL")),
        (lambda real: real.set(Healthcheck={"Test": ["CMD", "x"]}), ("healthcheck", "HEALTHCHECK")),
        (
            lambda real: replace(
                real, lower=(*real.lower, file("etc/passwd", "root:x:0:0::/root:/\nlee:x:9:9::/:/\n"))
            ),
            ("account", "lee"),
        ),
    ],
)
def test_each_wrong_claim_is_told(
    held: Callable[[Real], tuple[int, Any]], change: Callable[[Real], Real], claim: tuple[str, str]
) -> None:
    code, found = held(change(Real()))
    assert code == 1
    assert claim in [(one["field"], one["subject"]) for one in found["wrong"]]
    assert found["mismatch"] is None


def test_an_image_of_another_source_is_told_by_its_history(held: Callable[[Real], tuple[int, Any]]) -> None:
    other = [*HISTORY[:2], {"created_by": "RUN /bin/sh -c something else # buildkit"}, *HISTORY[3:]]
    code, found = held(replace(Real().without("opt/made/x"), history=other))
    assert code == 1
    assert "something else" in found["mismatch"]
    _, found = held(replace(Real().without("opt/made/x"), history=[*HISTORY[:4], *HISTORY[5:]]))
    assert "9 steps" in found["mismatch"]


def test_coverage_counts_what_the_build_added_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM acme/unknown:1\nRUN ./configure && make install\nRUN touch /known\n")
    monkeypatch.chdir(tmp_path)
    history = [
        {"created_by": f"RUN /bin/sh -c {text} # buildkit"}
        for text in ("base", "./configure && make install", "touch /known")
    ]
    made = image([file("base/file")], [file("usr/local/bin/made")], [file("known")], history=history)
    layout(tmp_path / "images", {"acme/app:1": made})
    assert main(["verify", "oci:images:acme/app:1"]) == 0
    out = capsys.readouterr().out
    assert "Known of what the build added or changed: 1 of 5 paths (20.0 %)." in out
    assert "Every claim is right." in out
