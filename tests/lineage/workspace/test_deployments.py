"""Consumers with the images that they run: which image is meant, what is started, and how the work grows."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.consumers import kubernetes
from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace import deployments as module
from ctlint.lineage.workspace.deployments import Deployment, asked_for, deployments
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

IMAGE = 'FROM debian:12\nRUN useradd -m -u 1000 app\nUSER app\nCMD ["sleep", "infinity"]\n'
MAKE = "build:\n\tdocker build -t acme/app:1 .\n"


def workspace(*repositories: Mapping[str, str]) -> Workspace:
    snapshots = [Snapshot.from_mapping(f"repo{number}", files) for number, files in enumerate(repositories)]
    return Workspace([(snapshot, dockerfiles(snapshot)) for snapshot in snapshots])


def by_title(found: tuple[Deployment, ...]) -> dict[str, Deployment]:
    return {deployment.consumer.title: deployment for deployment in found}


def test_an_image_is_known_by_its_build_by_its_name_at_hand_or_by_its_profile() -> None:
    compose = (
        "services:\n  built:\n    build: .\n  named:\n    image: acme/app:1\n  other:\n    image: acme/app:2\n"
        + ("  bundled:\n    image: nginx:1.27\n  unheard:\n    image: acme/nothing\n")
    )
    found = by_title(deployments(workspace({"Dockerfile": IMAGE, "Makefile": MAKE, "compose.yaml": compose})))
    assert {title: one.known for title, one in found.items()} == {
        "built": True,
        "named": True,
        "other": True,
        "bundled": True,
        "unheard": False,
    }
    assert found["built"].source is found["named"].source
    assert found["other"].assumed is not None
    assert found["bundled"].profile is not None


def test_an_entrypoint_takes_the_images_command_away_and_the_user_is_the_consumers() -> None:
    compose = "services:\n  a:\n    build: .\n    entrypoint: [run]\n    user: '7'\n    environment: {A: b}\n"
    (one,) = deployments(workspace({"Dockerfile": IMAGE, "compose.yaml": compose}))
    image = one.started
    assert image.cmd is None
    assert image.entrypoint is not None
    assert image.entrypoint.value.words == ("run",)
    assert image.user is not None
    assert (image.user.value, str(image.user.place)) == ("7", "repo0/compose.yaml:5")
    assert one.variable("A") == "b"
    assert one.variable("NOTHING") is None


@pytest.mark.parametrize(
    ("service", "entrypoint", "command", "user"),
    [
        ("", None, ("sleep", "infinity"), "app"),
        ("command: [run, me]", None, ("run", "me"), "app"),
        ("entrypoint: []", None, None, "app"),
        ("entrypoint: [e]", ("e",), None, "app"),
        ("entrypoint: [e]\n    command: [c]", ("e",), ("c",), "app"),
        ("user: '7:8'", None, ("sleep", "infinity"), "7:8"),
        ("user: $WHO", None, ("sleep", "infinity"), "app"),
    ],
)
def test_what_is_started(
    service: str, entrypoint: tuple[str, ...] | None, command: tuple[str, ...] | None, user: str
) -> None:
    compose = f"services:\n  a:\n    build: .\n    {service}\n"
    (one,) = deployments(workspace({"Dockerfile": IMAGE, "compose.yaml": compose}))
    started = one.started
    assert (started.entrypoint and started.entrypoint.value.words) == entrypoint
    assert (started.cmd and started.cmd.value.words) == command
    assert started.user is not None
    assert started.user.value == user
    assert (started is one.image) is (service in ("", "user: $WHO"))


def test_variables_of_the_consumer_go_before_the_images() -> None:
    compose = "services:\n  a:\n    build: .\n    environment: {A: consumer, B: $SECRET}\n"
    dockerfile = IMAGE.replace("USER app\n", "USER app\nENV A=image B=image C=image\n")
    (one,) = deployments(workspace({"Dockerfile": dockerfile, "compose.yaml": compose}))
    assert (one.variable("A"), one.variable("C")) == ("consumer", "image")
    assert isinstance(one.variable("B"), Unknown)
    assert {name: one.started.env[name].value for name in "ABC"} == {"A": "consumer", "B": "image", "C": "image"}


@pytest.mark.parametrize(
    ("service", "known", "assumed", "name"),
    [
        ("build: .", True, False, "acme/app"),
        ("build: .\n    image: acme/else:2", True, False, "acme/else"),
        ("build: ./nowhere\n    image: acme/app:1", False, False, "acme/app"),
        ("image: acme/app:1", True, False, "acme/app"),
        ("image: acme/app:$TAG", True, True, "acme/app"),
        ("image: acme/app:9", True, True, "acme/app"),
        ("image: $IMAGE", False, False, "$IMAGE"),
    ],
)
def test_which_image_is_meant(service: str, known: bool, assumed: bool, name: str) -> None:
    compose = f"services:\n  a:\n    {service}\n"
    (one,) = deployments(workspace({"Dockerfile": IMAGE, "Makefile": MAKE, "compose.yaml": compose}))
    assert (one.known, one.assumed is not None, one.image_name) == (known, assumed, name)
    assert one.made_here is known


@pytest.mark.parametrize(
    ("builds", "image", "target"),
    [
        ("my", "my", "tools"),
        ("my:latest", "my", "tools"),
        ("my", "docker.io/library/my:latest", "tools"),
        ("my:$TAG", "my:$TAG", "tools"),
        ("redis:7", "redis:7", "tools"),
        ("my", "my:2", None),
        ("my:$TAG", "my:$OTHER", None),
        ("my:$TAG", "my", None),
    ],
)
def test_a_name_that_a_compose_file_gives_to_what_it_builds_is_that_for_its_other_services(
    builds: str, image: str, target: str | None
) -> None:
    dockerfile = "FROM debian:12 AS tools\nENV AT=tools\nFROM debian:12\nENV AT=end\n"
    building = f"services:\n  maker:\n    build: {{context: ., target: tools}}\n    image: {builds}\n"
    files = {
        "Dockerfile": dockerfile,
        "compose.yaml": f"{building}  user:\n    image: {image}\n",
        "elsewhere/compose.yaml": f"services:\n  stranger:\n    image: {image}\n",
    }
    found = by_title(deployments(workspace(files)))
    assert (found["user"].variable("AT") if found["user"].source else None) == target
    assert found["stranger"].source is None


@pytest.mark.parametrize(
    ("path", "text", "known"),
    [
        ("Makefile", "run:\n\tdocker build -t my .\n\tdocker run my\n", True),
        ("run.sh", "docker build -t my:1 .\ndocker run my:1\n", True),
        ("README.md", "```sh\ndocker build -t my .\ndocker run --rm my\n```\n", True),
        ("run.sh", "docker build -t my:1 .\ndocker run my\n", False),
        ("run.sh", "docker run my\n", False),
        ("run.sh", "docker build -t my .\ndocker build -t my --target tools .\ndocker run my\n", False),
    ],
)
def test_a_file_that_builds_what_it_runs_means_what_it_builds(path: str, text: str, known: bool) -> None:
    dockerfile = "FROM debian:12 AS tools\nENV AT=tools\nFROM debian:12\nENV AT=end\n"
    (found,) = deployments(workspace({"Dockerfile": dockerfile, path: text}))
    assert found.known is known


def test_a_name_that_a_compose_file_gives_to_two_builds_is_neither() -> None:
    dockerfile = "FROM debian:12 AS tools\nFROM debian:12\n"
    services = "  a:\n    build: {context: ., target: tools}\n    image: my\n  b:\n    build: .\n    image: my\n"
    compose = f"services:\n{services}  c:\n    image: my\n"
    found = by_title(deployments(workspace({"Dockerfile": dockerfile, "compose.yaml": compose})))
    assert found["c"].source is None


def test_a_stage_that_a_service_builds_is_the_image_of_that_stage() -> None:
    dockerfile = "FROM debian:12 AS tools\nENV AT=tools\nFROM debian:12\nENV AT=end\n"
    compose = "services:\n  a:\n    build: {context: ., target: tools}\n  b:\n    build: .\n"
    found = by_title(deployments(workspace({"Dockerfile": dockerfile, "compose.yaml": compose})))
    assert {title: one.variable("AT") for title, one in found.items()} == {"a": "tools", "b": "end"}


def test_images_that_nobody_here_makes_are_named_once_in_their_order() -> None:
    services = {"a": "image: acme/z:1", "b": "image: nginx", "c": "image: acme/z:1", "d": "image: acme/app:1"}
    services |= {"e": "build: ./gone\n    image: acme/e", "f": "image: $NONE"}
    compose = "services:\n" + "".join(f"  {name}:\n    {text}\n" for name, text in services.items())
    work = workspace({"Dockerfile": IMAGE, "Makefile": MAKE, "compose.yaml": compose})
    assert module.missing_images(work) == ["acme/z:1", "nginx"]


def test_a_relative_program_is_found_in_the_folder_that_the_consumer_works_in() -> None:
    compose = "services:\n  a:\n    build: .\n    working_dir: /srv/app\n    command: [./serve]\n"
    files = {
        "Dockerfile": "FROM debian:12\nCOPY serve /srv/app/serve\n",
        "serve": "#!/bin/sh\ndate\n",
        "compose.yaml": compose,
    }
    (one,) = deployments(workspace(files))
    assert [step.path for step in one.started_boot.steps] == ["/srv/app/serve"]


def test_what_a_consumer_leaves_open_is_no_surely_unset_variable() -> None:
    compose = "services:\n  a:\n    build: .\n    env_file: not-here.env\n"
    (one,) = deployments(workspace({"Dockerfile": IMAGE, "compose.yaml": compose}))
    assert isinstance(one.variable("NOTHING"), Unknown)


def test_only_what_was_asked_for_is_judged() -> None:
    all_of_it = workspace(
        {"Dockerfile": IMAGE, "compose.yaml": "services:\n  a:\n    build: .\n  b:\n    image: nginx:1\n"}
    )
    all_of_it.whole = frozenset()
    assert [one.consumer.title for one in asked_for(all_of_it)] == ["a"]
    all_of_it.selected = []
    assert list(asked_for(all_of_it)) == []
    all_of_it.named = frozenset({"repo0/compose.yaml"})
    assert [one.consumer.title for one in asked_for(all_of_it)] == ["a", "b"]


def _calls(consumers_: int, images: int) -> int:
    """How often the rules of deployments, and the resolution of images, were run for so many consumers and images."""
    files = {f"d{n}/Dockerfile": IMAGE for n in range(images)} | {
        f"d{n}/Makefile": f"build:\n\tdocker build -t acme/app{n}:1 .\n" for n in range(images)
    }
    services = "".join(f"  s{n}:\n    image: acme/app{n % images}:1\n    user: '1000'\n" for n in range(consumers_))
    files["compose.yaml"] = f"services:\n{services}"
    space = workspace(files)
    counted = 0
    resolve, parents = module._resolved, space.parent

    def resolved(*arguments: object) -> object:
        nonlocal counted
        counted += 1
        return resolve(*arguments)  # type: ignore[arg-type]

    def parent(*arguments: object) -> object:
        nonlocal counted
        counted += 1
        return parents(*arguments)  # type: ignore[arg-type]

    module._resolved = resolved  # type: ignore[assignment]
    space.parent = parent  # type: ignore[method-assign, assignment]
    rules = [rule for rule in all_rules() if rule.of_deployments]
    try:
        run_rules(space, rules)
    finally:
        module._resolved = resolve
    return counted


def test_the_work_grows_with_consumers_and_images_not_with_their_product() -> None:
    once, twice, fourfold = (_calls(n, n) for n in (8, 16, 32))
    assert fourfold - twice == 2 * (twice - once)


def test_a_pod_is_read_node_by_node_once() -> None:
    seen: list[int] = []
    original = kubernetes.container

    def counted(*arguments: object, **named: object) -> object:
        seen.append(1)
        return original(*arguments, **named)  # type: ignore[arg-type]

    kubernetes.container = counted  # type: ignore[assignment]
    try:
        for number in (5, 10, 20):
            pods = "---\n".join(
                f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec:\n  containers: [{{name: a, image: acme/a}}]\n"
                for n in range(number)
            )
            before = len(seen)
            assert len(deployments(workspace({"pods.yaml": pods}))) == number
            assert len(seen) - before == number
    finally:
        kubernetes.container = original
