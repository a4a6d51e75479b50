"""The HTML page in a real browser: search, click, highlight, collapse, keyboard; no network, no script but its own."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from ctlint.lineage.graph.annotations import Marks
from ctlint.lineage.graph.graph import Lineage
from ctlint.lineage.graph.node_text import plain
from ctlint.lineage.graph.page import as_page
from ctlint.lint.cli import main
from derived import commit, git
from lineage_graphs import HOSTILE, browser, fleet_of, hostile, requests_of
from linting import workspace_of

FLEET = Path(__file__).parents[3] / "fixtures" / "fleet"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example organisation's page."""
    target = tmp_path_factory.mktemp("page") / "lineage.html"
    options = ["--lint", "--consumers", "--stages", "--format", "html", "-o", str(target)]
    assert main(["graph", str(FLEET), *options]) == 0
    return target


@pytest.fixture
def opened(driver: webdriver.Chrome, page: Path) -> Iterator[webdriver.Chrome]:
    """The page, fresh; at the end it must have been silent and have asked for nothing but itself."""
    driver.get_log("browser")
    requests_of(driver)
    driver.get(page.as_uri())
    yield driver
    assert driver.get_log("browser") == []
    assert [url for url in requests_of(driver) if not url.startswith("data:")] == [page.as_uri()]


def all_of(driver: webdriver.Chrome, css: str) -> list[WebElement]:
    return driver.find_elements(By.CSS_SELECTOR, css)


def the(driver: webdriver.Chrome, css: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, css)


def named(driver: webdriver.Chrome, css: str) -> set[str]:
    """The ids of the nodes that match."""
    return {str(element.get_attribute("textContent")) for element in all_of(driver, f"{css} > title")}


def search_for(driver: webdriver.Chrome, text: str) -> None:
    field = the(driver, "#search")
    field.clear()
    field.send_keys(text)


def test_search_finds_and_shows_an_image(opened: webdriver.Chrome) -> None:
    search_for(opened, "cloudtop OCTAVE")
    offered = [item.text.split("\n")[0].split(" ")[0] for item in all_of(opened, "#results li")]
    assert offered[0].startswith("helxplatform/cloudtop-octave")
    the(opened, "#search").send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    about = the(opened, "#about").text
    for expected in (
        "helxplatform/cloudtop-octave-gnuplot",
        "cloudtop-octave-gnuplot/Docker.gnuplot",
        "1.20.0.0",
        "FROM helxplatform/cloudtop-octave:6.2.0",
        "Docker.gnuplot:2",
        "app-specs/octave/docker-compose.yaml",
        "inherited",
        "40-tigervnc.sh as root",
        "→ makes the account ${USER_NAME}",
        "$VNC_VIEW_ONLY false",
    ):
        assert expected in about
    assert not the(opened, "#results").is_displayed()


def test_a_click_lights_ancestors_and_descendants(opened: webdriver.Chrome) -> None:
    the(opened, "[aria-label^='helxplatform/cloudtop-octave,']").click()
    assert named(opened, ".node.chosen") == {"cloudtop-octave/Docker.octave"}
    assert named(opened, ".node.lit") == {
        "tomcat",
        "cloudtop/Dockerfile",
        "cloudtop-octave/Docker.octave",
        "cloudtop-octave-gnuplot/Docker.gnuplot",
    } | {name for name in named(opened, ".consumer.lit") if "octave" in name}
    assert len(all_of(opened, "path.line.up")) == 2
    the(opened, "#about li button").click()
    assert named(opened, ".node.chosen") == {"cloudtop/Dockerfile"}
    the(opened, "#close").click()
    assert not the(opened, "#details").is_displayed()
    assert all_of(opened, ".focused") == []


def test_kinds_are_hidden_and_shown(opened: webdriver.Chrome) -> None:
    for kind in ("external", "stage", "consumer"):
        assert all_of(opened, f".node.{kind}.off") == []
        assert all_of(opened, f".node.{kind}")
        the(opened, f"#show-{kind} input").click()
        assert not any(node.is_displayed() for node in all_of(opened, f".node.{kind}"))
    assert all_of(opened, ".node.image.off") == []
    assert all_of(opened, "path.line.consumes.off") == all_of(opened, "path.line.consumes")
    search_for(opened, "tomcat")
    the(opened, "#search").send_keys(Keys.ENTER)
    assert the(opened, ".node.external.chosen").is_displayed()


def test_repositories_are_collapsed_and_opened_again(opened: webdriver.Chrome) -> None:
    before = len(all_of(opened, ".node"))
    the(opened, "#collapse").click()
    collapsed = named(opened, ".node")
    assert len(collapsed) < before
    assert {"image:cloudtop-ohif", "consumer:app-specs", "tomcat"} <= collapsed
    the(opened, "[aria-label^='cloudtop-ohif,']").click()
    the(opened, "#about").find_element(
        By.XPATH, ".//h3[starts-with(., 'Images')]/following-sibling::ul//button"
    ).click()
    assert not the(opened, "#collapse").is_selected()
    assert len(all_of(opened, ".node")) == before


def test_the_keyboard_alone_is_enough(opened: webdriver.Chrome) -> None:
    the(opened, "body").send_keys("/")
    assert opened.switch_to.active_element.get_attribute("id") == "search"
    opened.switch_to.active_element.send_keys("cloudtop-ohif", Keys.ENTER)
    assert (opened.switch_to.active_element.get_attribute("aria-label") or "").startswith("helxplatform/cloudtop-ohif")
    opened.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not the(opened, "#details").is_displayed()
    opened.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    opened.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    opened.switch_to.active_element.send_keys(Keys.ARROW_RIGHT, Keys.ENTER)
    assert the(opened, "#details").is_displayed()
    assert len(all_of(opened, ".node[tabindex='0']")) == 1


def test_zoom_pan_and_fit(opened: webdriver.Chrome) -> None:
    def transform() -> str:
        return str(the(opened, "#world").get_attribute("transform"))

    start = transform()
    the(opened, "#zoom-in").click()
    assert transform() != start
    the(opened, "#fit").click()
    fitted = transform()
    hand = webdriver.ActionChains(opened).move_to_element_with_offset(the(opened, "#picture"), -500, 250)
    hand.click_and_hold().move_by_offset(60, -40).release().perform()
    moved = transform()
    assert moved != fitted
    origin = ScrollOrigin.from_element(the(opened, "#picture"))
    webdriver.ActionChains(opened).scroll_from_origin(origin, 0, 200).perform()
    assert transform() != moved


def test_light_and_dark(opened: webdriver.Chrome) -> None:
    def paper() -> str:
        return the(opened, "body").value_of_css_property("background-color")

    first = paper()
    the(opened, "#theme").click()
    second = paper()
    the(opened, "#theme").click()
    assert first != second
    assert paper() == first


def drawn(lineage: Lineage, folder: Path, marks: Marks | None = None) -> Path:
    workspace, _ = workspace_of(folder)
    target = folder / "page.html"
    target.write_text(as_page(lineage, workspace, marks or Marks()), encoding="utf-8")
    return target


def test_names_are_never_markup(driver: webdriver.Chrome, tmp_path: Path) -> None:
    page = drawn(hostile(), tmp_path, Marks(drift={name: (name,) for name in HOSTILE}))
    driver.get_log("browser")
    driver.get(page.as_uri())
    assert named(driver, ".node") == {plain(name) for name in HOSTILE}
    for index in range(len(HOSTILE)):
        driver.execute_script("choose(arguments[0])", index)
        assert the(driver, "#about h2").get_attribute("textContent") in {plain(name) for name in HOSTILE}
        assert all_of(driver, "#about :is(script, img, b)") == []
    driver.execute_script("document.getElementById('collapse').click()")
    assert len(all_of(driver, ".node")) == len(HOSTILE)
    search_for(driver, "<script>")
    assert all_of(driver, "#results :is(script, img, b)") == []
    assert driver.get_log("browser") == []


def test_the_policy_stops_other_scripts(driver: webdriver.Chrome, page: Path) -> None:
    driver.get(page.as_uri())
    driver.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'https://example.invalid/x'; document.body.append(i);"
    )
    assert driver.execute_script("return window.evil") is None
    assert any("Content Security Policy" in entry["message"] for entry in driver.get_log("browser"))


def overlapping(driver: webdriver.Chrome) -> list[list[str]]:
    """The pairs of boxes that are seen and lie on each other."""
    found: list[list[str]] = driver.execute_script(
        "const boxes = view.nodes.filter((_, i) => visible(i)).sort((a, b) => a.y - b.y), found = [];"
        "boxes.forEach((a, i) => { for (let j = i + 1; j < boxes.length && boxes[j].y < a.y + data.height; j++)"
        "  if (boxes[j].x < a.x + a.w && a.x < boxes[j].x + boxes[j].w) found.push([a.id, boxes[j].id]); });"
        "return found;"
    )
    return found


def test_an_address_opens_the_page_at_an_image(opened: webdriver.Chrome, page: Path) -> None:
    opened.get("about:blank")
    opened.get(f"{page.as_uri()}#helxplatform/cloudtop")
    assert named(opened, ".node.chosen") == {"cloudtop/Dockerfile"}
    opened.execute_script("location.hash = 'tomcat'")
    WebDriverWait(opened, 5).until(lambda driver: named(driver, ".node.chosen") == {"tomcat"})
    opened.execute_script("location.hash = '%E0%A4%A'")
    assert the(opened, "#about h2").text == "tomcat"
    requests_of(opened)
    opened.get(page.as_uri())


@pytest.mark.parametrize("count", [500, 2000])
def test_large_fleets_fold_their_externals(driver: webdriver.Chrome, tmp_path: Path, count: int) -> None:
    page = drawn(fleet_of(count), tmp_path)
    driver.get_log("browser")
    driver.get(page.as_uri())
    interactive = driver.execute_script("return performance.getEntriesByType('navigation')[0].domInteractive")
    assert interactive < 3000
    assert the(driver, "#status").text == f"{count} of {count + 4} shown"
    assert 20 < len(all_of(driver, ".node.image")) < count / 2, "what is out of sight is not drawn"
    assert all_of(driver, ".node.external:not(.off)") == []
    assert overlapping(driver) == []
    size = driver.execute_script("return extent()")
    the(driver, "#show-external input").click()
    assert overlapping(driver) == []
    assert driver.execute_script("return extent()") != size
    the(driver, "#show-external input").click()
    the(driver, "#collapse").click()
    assert overlapping(driver) == []
    assert driver.execute_script("return extent()[1]") <= 40, "one box a repository is laid out anew, without holes"
    the(driver, "#collapse").click()
    the(driver, "#fit").click()
    WebDriverWait(driver, 10).until(lambda driver: len(all_of(driver, ".node.image")) == count)
    search_for(driver, "app77")
    the(driver, "#search").send_keys(Keys.ENTER)
    assert "acme/app77" in the(driver, "#about").text
    assert driver.get_log("browser") == []


BROKEN = {
    "Dockerfile": "FROM debian:12\nCOPY gone.txt /\nENV GREETING=hello\n",
    "compose.yaml": "services:\n  web:\n    build: .\n    image: acme/greeter:1\n",
}


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a repository that is on GitHub, and of one that is not; the first has a finding."""
    top = tmp_path_factory.mktemp("linted")
    for name, files in (("greeter", BROKEN), ("plain", {"Dockerfile": "FROM debian:12\n"})):
        for path, text in files.items():
            (top / name / path).parent.mkdir(parents=True, exist_ok=True)
            (top / name / path).write_text(text, "utf-8")
        git(top / name, "init", "--quiet")
        commit(top / name)
    git(top / "greeter", "remote", "add", "origin", "https://github.com/acme/greeter.git")
    assert main(["graph", str(top), "--lint", "-o", str(top / "page.html")]) == 0
    return top / "page.html"


def test_findings_are_told_with_their_cure_and_a_link_to_the_line(driver: webdriver.Chrome, linted: Path) -> None:
    driver.get(linted.as_uri())
    search_for(driver, "ct511 gone.txt")
    assert "CT511" in the(driver, "#results li small").text
    the(driver, "#search").send_keys(Keys.ENTER)
    about = the(driver, "#about").text
    assert "warning CT511" in about
    assert "gone.txt" in about
    head = git(linted.parent / "greeter", "rev-parse", "HEAD").strip()
    link = the(driver, "#about .finding a")
    assert link.get_attribute("href") == f"https://github.com/acme/greeter/blob/{head}/Dockerfile#L2"
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert "$GREETING hello" in about
    deployed = driver.execute_script("return view.nodes[chosen].runs.map((each) => each[0])")
    assert deployed == ["acme/greeter:1"]
    assert "Deployed by (1)" in about


def test_what_has_findings_stands_out(driver: webdriver.Chrome, linted: Path) -> None:
    driver.get(linted.as_uri())
    the(driver, "#troubled").click()
    bright = named(driver, ".node:not(.dull)")
    assert len(bright) == 1
    assert "greeter" in bright.pop()
    assert ", 1 with findings" in the(driver, "#status").text
    the(driver, "#troubled").click()
    assert all_of(driver, ".dull") == []


def test_the_address_follows_the_choice_and_back_and_reload_lead_there(opened: webdriver.Chrome, page: Path) -> None:
    for name in ("helxplatform/cloudtop,", "helxplatform/cloudtop-ohif,"):
        the(opened, f"[aria-label^='{name}']").click()
    assert opened.current_url.endswith("#cloudtop-ohif%2FDockerfile")
    opened.refresh()
    assert named(opened, ".node.chosen") == {"cloudtop-ohif/Dockerfile"}
    opened.back()
    WebDriverWait(opened, 5).until(lambda driver: named(driver, ".node.chosen") == {"cloudtop/Dockerfile"})
    opened.back()
    WebDriverWait(opened, 5).until(lambda driver: not the(driver, "#details").is_displayed())
    requests_of(opened)
    opened.get(page.as_uri())


def test_tab_begins_at_a_root_and_escape_returns_the_focus(opened: webdriver.Chrome) -> None:
    (first,) = all_of(opened, ".node[tabindex='0']")
    index = int(first.get_attribute("data-index") or -1)
    assert opened.execute_script("return view.up[arguments[0]].length", index) == 0
    the(opened, "[aria-label^='helxplatform/cloudtop-octave,']").click()
    the(opened, "#about li button").click()
    the(opened, "body").send_keys(Keys.ESCAPE)
    assert (opened.switch_to.active_element.get_attribute("aria-label") or "").startswith("helxplatform/cloudtop,")


def test_on_a_phone_the_panel_is_below_and_nothing_covers_anything(driver: webdriver.Chrome, page: Path) -> None:
    device = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    try:
        driver.get("about:blank")
        driver.get(f"{page.as_uri()}#helxplatform/cloudtop")
        WebDriverWait(driver, 5).until(lambda driver: the(driver, "#details").is_displayed())
        at = {
            each: driver.execute_script(
                "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return [r.left, r.top, r.right, r.bottom];",
                each,
            )
            for each in ("header", "#picture", "#details", "footer")
        }
        tops = [at[each][1] for each in ("header", "#picture", "#details", "footer")]
        assert tops == sorted(tops)
        assert all(above[3] <= below[1] + 1 for above, below in pairwise(at.values()))
        assert all(box[0] >= 0 and box[2] <= 391 for box in at.values())
        assert at["#picture"][3] - at["#picture"][1] > 200
        assert driver.execute_script("return scale") >= 0.8, "names can be read"
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_legend_explains_what_is_on_the_page(opened: webdriver.Chrome) -> None:
    the(opened, "#legend summary").click()
    told = the(opened, "#legend ul").text
    for word in ("image from elsewhere", "runs images", "stage of a build", "FROM", "COPY --from", "Esc"):
        assert word in told
