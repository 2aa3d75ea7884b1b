"""Chromium without a screen, driven as a person would use it."""

import os
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30  # seconds until something that should happen has failed to
WIDE, PHONE = (1280, 900), (390, 844)


class Browser:
    """A browser with a profile of its own."""

    def __init__(self, url: str, profile: str, screenshots: str | None):
        self.url = url
        self.screenshots = Path(screenshots) if screenshots else None
        self.axe = Path(os.environ["TEST_AXE"]).read_text()
        self.seen: set[str] = set()
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(argument)
        service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)

    def close(self):
        self.driver.quit()

    def open(self, path: str, name: str | None = None):
        """Opens a page and looks at it."""
        self.driver.get(self.url + path)
        self.look(name or path)

    def fill(self, **fields: str):
        """Types into fields by their names."""
        for name, value in fields.items():
            field = self.driver.find_element(By.NAME, name)
            field.clear()
            field.send_keys(value)

    def press(self, words: str, name: str):
        """Presses the button that says so, and looks at the page that comes."""
        buttons = self.driver.find_elements(By.CSS_SELECTOR, "main button, header button")
        button = next((it for it in buttons if words in it.text), None)
        assert button, f"no button says {words!r}: {self.text()}"
        self.click(button)
        self.look(name)

    def submit(self, field: str, name: str):
        """Presses the button of the form in which a field is."""
        form = self.driver.find_element(By.NAME, field).find_element(By.XPATH, "ancestor::form")
        self.click(form.find_element(By.CSS_SELECTOR, "button"))
        self.look(name)

    def click(self, button):
        """Presses a button and waits for the page that comes: one without the mark of this one."""
        self.driver.execute_script("document.documentElement.dataset.left = 'yes'")
        button.click()
        WebDriverWait(self.driver, PATIENCE).until(Browser.arrived)

    @staticmethod
    def arrived(driver) -> bool:
        complete = "document.readyState === 'complete' && !document.documentElement.dataset.left"
        try:
            return driver.execute_script(f"return {complete}")
        except WebDriverException:
            # Between two pages there is none that could be asked.
            return False

    def path(self) -> str:
        return self.driver.current_url.removeprefix(self.url)

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def says(self, words: str):
        assert words in self.text(), f"{self.path()} does not say {words!r}: {self.text()}"

    def picture(self, selector: str, file: Path) -> Path:
        """A picture of a part of the page."""
        self.driver.find_element(By.CSS_SELECTOR, selector).screenshot(str(file))
        return file

    def look(self, name: str):
        """Checks a page for accessibility in its sizes and colours, each page once."""
        name = name.strip("/").replace("/", "-") or "home"
        if name in self.seen:
            return
        self.seen.add(name)
        for colours in ("light", "dark"):
            for size, (width, height) in (("wide", WIDE), ("phone", PHONE)):
                self.adjust(width, height, colours)
                self.check(f"{name}, {colours}, {size}")
                if self.screenshots:
                    file = self.screenshots / f"{name}-{size}-{colours}.png"
                    self.driver.save_screenshot(str(file))
        self.adjust(*WIDE, "light")

    def adjust(self, width: int, height: int, colours: str):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": colours}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def check(self, name: str):
        wider = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.driver.execute_script(wider) <= 0, f"{name}: wider than the screen"
        self.driver.execute_script(self.axe)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document).then(done, error => done({error: String(error)}))"
        )
        assert "error" not in found, f"{name}: {found['error']}"
        words = [
            f"{violation['id']}: {violation['help']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not words, f"{name}:\n" + "\n".join(words)
