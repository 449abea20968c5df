"""A person with a browser: Debian's Chromium, driven as one would use it.

    with Browser("http://127.0.0.1:8080", folder) as browser:
        browser.open("/login")
        browser.fill("Name", "anna")
        browser.press("Log in")
        assert browser.sees("Portfolio")

Things are found by the words that people see, or hear from a screen reader.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from watch import eventually

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
WIDE, NARROW = (1280, 900), (360, 640)
PATIENCE_SECONDS = 60  # for what is to come
ANSWER_SECONDS = 20  # for what may come: a form that a script answers has no page of its own
RENEWALS = 5  # of a page, one after the other, while something is looked for on it
OURS = ("data:", "blob:", "about:", "chrome:")  # addresses at which nobody else is asked

# What can be pressed, and what can be filled in, by its name.
BUTTONS = "//button[not(@hidden)] | //input[@type='submit']"
FIELDS = "//input[not(@type='hidden')] | //select | //textarea"

RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then(
  (found) => done(found.violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.map(({ html, any, all, none }) => ({
      html, why: [...any, ...all, ...none].map(({ message }) => message) })) }))),
  (error) => done([{ id: "axe", help: String(error), nodes: [] }]));
"""

# The names that assistive technology reads, near enough: labels, aria-label, text.
NAME = """
const e = arguments[0];
const own = e.getAttribute("aria-label");
const by = (e.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
  .map((id) => document.getElementById(id)?.textContent).join(" ");
const labels = [...(e.labels || [])].map((l) => {
  const copy = l.cloneNode(true);
  copy.querySelectorAll("input, select, textarea").forEach((inner) => inner.remove());
  return copy.textContent; }).join(" ");
return (own || by || labels || e.textContent || e.title || e.value || e.placeholder || "").replace(/\\s+/g, " ").trim();
"""


class Browser:
    """One window of one person, who is logged in nowhere."""

    def __init__(self, origin: str, folder: Path, screens: Path | None = None) -> None:
        self.origin = origin
        self._screens = screens
        self._axe = Path(os.environ["AXE"]).read_text() if "AXE" in os.environ else ""
        self.requests: list[str] = []  # all that was asked for, from anybody
        self.complaints: list[str] = []  # of the browser, about our pages
        self.forgiven: list[str] = []  # parts of complaints that a test means to cause
        self.driver = webdriver.Chrome(service=Service(DRIVER, log_path=str(folder / "driver.log")), options=_options(folder))
        self.size(*WIDE)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.quit()

    # ---- getting about ----

    def open(self, path: str) -> None:
        self.driver.get(urllib.parse.urljoin(self.origin, path))

    @property
    def path(self) -> str:
        """Of the page, with its query."""
        return self.driver.current_url.removeprefix(self.origin)

    @property
    def text(self) -> str:
        """What can be seen in the main part of the page."""
        try:
            return self.driver.find_element(By.TAG_NAME, "main").text
        except WebDriverException as error:
            if _is_of_yesterday(error):
                return ""
            raise

    def sees(self, text: str, seconds: float = PATIENCE_SECONDS) -> bool:
        return eventually(lambda: text in self.text, seconds)

    def misses(self, text: str, seconds: float = PATIENCE_SECONDS) -> bool:
        """Is it gone, soon enough?"""
        return eventually(lambda: text not in self.text, seconds)

    def is_at(self, path: str, seconds: float = PATIENCE_SECONDS) -> bool:
        return eventually(lambda: self.path.partition("?")[0] == path, seconds)

    # ---- what is on the page ----

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """Their texts; none while the page is being renewed."""
        try:
            return [each.text for each in self.all(selector)]
        except WebDriverException as error:
            if _is_of_yesterday(error):
                return []
            raise

    def one(self, selector: str) -> WebElement:
        """The first of them, as soon as it is there."""
        eventually(lambda: self.all(selector), PATIENCE_SECONDS)
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def named(self, kinds: str, name: str, within: str = "") -> WebElement:
        """The first that can be seen and has that name, or begins with it."""
        for _ in range(RENEWALS):
            try:
                return self._named(kinds, name, within)
            except NoSuchElementException:
                raise
            except WebDriverException as error:
                if not _is_of_yesterday(error):
                    raise
        return self._named(kinds, name, within)

    def _named(self, kinds: str, name: str, within: str) -> WebElement:
        scope = self.driver.find_element(By.CSS_SELECTOR, within) if within else self.driver
        kinds = kinds.replace("//", ".//") if within else kinds
        found = [(self.name(each), each) for each in scope.find_elements(By.XPATH, kinds) if each.is_displayed()]
        for matches in (lambda n: n == name), (lambda n: n.startswith(name)):
            for its_name, element in found:
                if matches(its_name):
                    return element
        raise NoSuchElementException(f"{name}: none of {[n for n, _ in found]} at {self.path}")

    def name(self, element: WebElement) -> str:
        return self.driver.execute_script(NAME, element)

    def follow(self, text: str, within: str = "") -> None:
        self._click(self.named("//a[@href]", text, within))

    def press(self, name: str, within: str = "") -> None:
        """A button; one that sends a form is followed by the page that answers, if the form is whole."""
        for _ in range(RENEWALS):
            try:
                sends = self._send(self.named(BUTTONS, name, within))
                break
            except WebDriverException as error:
                if not _is_of_yesterday(error):
                    raise
        else:
            raise NoSuchElementException(f"{name}: renewed again and again at {self.path}")
        if sends:
            eventually(self._is_another_page, ANSWER_SECONDS)

    def _send(self, button: WebElement) -> bool:
        """Pressed; does it send a form?"""
        sends = self.driver.execute_script(
            "const b = arguments[0], sends = b.type === 'submit' && b.form && b.form.checkValidity();"
            "if (sends) document.documentElement.dataset.before = ''; return Boolean(sends)",
            button,
        )
        self._click(button)
        return sends

    def has_button(self, name: str) -> bool:
        with contextlib.suppress(NoSuchElementException):
            return bool(self.named(BUTTONS, name))
        return False

    def field(self, name: str, within: str = "") -> WebElement:
        return self.named(FIELDS, name, within)

    def fill(self, name: str, value: str, within: str = "") -> None:
        field = self.field(name, within)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
            return
        if field.get_attribute("type") in ("checkbox", "radio"):
            if field.is_selected() != bool(value):
                self._click(field)
            return
        field.clear()
        field.send_keys(value)

    def unfold(self, summary: str) -> None:
        """Opens what is folded, unless it is open."""
        found = self.named("//summary", summary)
        if found.find_element(By.XPATH, "..").get_attribute("open") is None:
            self._click(found)

    def _is_another_page(self) -> bool:
        with contextlib.suppress(WebDriverException):
            return self.driver.execute_script(
                "return document.readyState === 'complete' && !('before' in document.documentElement.dataset)"
            )
        return False

    def _click(self, element: WebElement) -> None:
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    # ---- the keyboard ----

    def key(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def tab_to(self, name: str, most: int = 80) -> bool:
        """Is there something of that name that the tab key leads to?"""
        for _ in range(most):
            self.key(Keys.TAB)
            if self.name(self.focused).startswith(name):
                return True
        return False

    # ---- how it is shown ----

    def size(self, width: int, height: int) -> None:
        """Of the page, in CSS pixels: narrower than a window can be, too."""
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def scheme(self, name: str) -> None:
        """light or dark."""
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    @contextlib.contextmanager
    def without_scripts(self) -> Iterator[None]:
        self._command("Emulation.setScriptExecutionDisabled", value=True)
        try:
            yield
        finally:
            self._command("Emulation.setScriptExecutionDisabled", value=False)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.driver.execute_script(
            "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
        )

    def screen(self, name: str) -> None:
        """The whole page as a picture, for people."""
        if self._screens:
            self._screens.mkdir(parents=True, exist_ok=True)
            width, height = self.driver.execute_script(
                "const e = document.documentElement; return [e.clientWidth, Math.min(e.scrollHeight, 6000)]"
            )
            shot = self._command(
                "Page.captureScreenshot",
                captureBeyondViewport=True,
                clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
            )
            (self._screens / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def _command(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    # ---- what it thinks of it ----

    def violations(self) -> list[str]:
        """Of the rules of axe, on this page as it stands."""
        assert self._axe, "AXE names axe.min.js: tests/browser/fetch"
        self.driver.execute_script(self._axe)
        return [
            f"{self.path}: {each['id']}: {each['help']}: {node['html'][:160]} ({'; '.join(node['why'])[:200]})"
            for each in self.driver.execute_async_script(RUN_AXE)
            for node in each["nodes"] or [{"html": "", "why": []}]
        ]

    def listen(self) -> None:
        """Takes what the browser's logs have to say since the last time."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
        for entry in self.driver.get_log("browser"):
            if not any(each in entry["message"] for each in self.forgiven):
                self.complaints.append(f"{entry['level']}: {entry['message']}")

    def strangers(self) -> list[str]:
        """Addresses of others that were asked."""
        self.listen()
        return [url for url in self.requests if not url.startswith((self.origin + "/", *OURS))]


def _is_of_yesterday(error: WebDriverException) -> bool:
    """Was what was asked about just replaced, by another page or by the script?"""
    return isinstance(error, (NoSuchElementException, StaleElementReferenceException)) or (
        "does not belong to the document" in str(error.msg)
    )


def _options(folder: Path) -> webdriver.ChromeOptions:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(folder / "downloads"), "credentials_enable_service": False,
         "profile.content_settings.exceptions.clipboard": {"*": {"setting": 1}}}
    )
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    return options
