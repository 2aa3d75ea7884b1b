"""Results that come while somebody types, and the same pages without any script.

Arguments: the URL of the index, a scratch folder. TEST_SCREENSHOTS names a folder for pictures of
all pages, if they are wanted. The index has the projects `flask`, `flask-login` and 30 others.
"""

import os
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from drive import PATIENCE, Browser


def typed(browser: Browser, words: str):
    field = browser.driver.find_element(By.NAME, "q")
    field.clear()
    for letter in words:
        field.send_keys(letter)


def waits_for(browser: Browser, script: str, what: str):
    """Until the script says yes."""
    WebDriverWait(browser.driver, PATIENCE).until(
        lambda driver: driver.execute_script(f"return {script}"), f"{what}: {browser.text()}"
    )


def found(browser: Browser) -> list[str]:
    """The names among the results, in order."""
    return [it.text for it in browser.driver.find_elements(By.CSS_SELECTOR, "#results li b")]


def results_are(browser: Browser, names: list[str]):
    script = "[...document.querySelectorAll('#results li b')].map(it => it.textContent).join()"
    waits_for(browser, f"{script} === {','.join(names)!r}", f"results {names}")


def home(browser: Browser):
    browser.open("/", "home")
    hidden = "document.getElementById('results').hidden"
    assert browser.driver.execute_script(f"return {hidden}")
    typed(browser, "flsk")
    results_are(browser, ["Flask"])
    browser.look("home-results")
    said = browser.driver.find_element(By.ID, "said").get_attribute("textContent")
    assert said == "1 project for \u201cflsk\u201d", said
    typed(browser, "")
    browser.driver.find_element(By.NAME, "q").send_keys(" ")
    waits_for(browser, hidden, "results that are gone")
    typed(browser, "flask")
    browser.press("Search", "search-flask")
    assert browser.path() == "/search/?q=flask", browser.path()


def typing(browser: Browser):
    browser.open("/search/", "search")
    typed(browser, "login")
    results_are(browser, ["flask-login"])
    waits_for(browser, "location.search === '?q=login'", "the address")
    browser.driver.find_element(By.CSS_SELECTOR, "summary").click()
    typed(browser, "tool")
    waits_for(browser, "document.querySelectorAll('#results li').length === 20", "a page")
    field = browser.driver.find_element(By.NAME, "python")
    field.send_keys("2.7")
    waits_for(browser, "document.querySelectorAll('#results li').length === 0", "nothing")
    browser.look("search-nothing")
    field.send_keys("x")
    waits_for(browser, "!!document.querySelector('#results .problem')", "a refusal")
    browser.says("is not a Python version")
    browser.look("search-refused")
    browser.open("/search/?q=tool&page=2&python=3.12&c=Topic+%3A%3A+Utilities", "search-filtered")
    browser.says("page 2 of 2")


def without_script(browser: Browser):
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.driver.get(f"{browser.url}/search/?q=tool")
    assert len(found(browser)) == 20, browser.text()
    browser.driver.find_element(By.LINK_TEXT, "Next page").click()
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: "page=2" in browser.path())
    assert len(found(browser)) == 10, browser.text()


def errors(browser: Browser) -> list[str]:
    """What the browser complains about: a policy that forbids our own script, for instance."""
    refused = "status of 400"
    return [it["message"] for it in browser.driver.get_log("browser") if refused not in it["message"]]


def main():
    url, scratch = sys.argv[1:]
    browser = Browser(url, f"{scratch}/profile", os.environ.get("TEST_SCREENSHOTS"))
    try:
        home(browser)
        typing(browser)
        assert not errors(browser), errors(browser)
        without_script(browser)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
