"""The pages on which people read about packages, with and without scripts.

Arguments: the URL of the index, a scratch folder. TEST_SCREENSHOTS names a folder for pictures of
all pages, if they are wanted. The index has the project `six` with a wheel, a source distribution
and a yanked release, `requests` that needs others, and the account `ada` who brought them.
"""

import os
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from drive import PATIENCE, Browser

MOST = 50_000  # bytes of a page beside description and files


def project(browser: Browser):
    browser.open("/project/requests/", "project")
    browser.says("pip install --index-url")
    buttons = browser.driver.find_elements(By.CSS_SELECTOR, ".install > button")
    assert [it.text for it in buttons if it.is_displayed()] == ["Copy"], browser.text()
    buttons[0].click()
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: buttons[0].text in ("Copied", "Selected"))
    for summary in browser.driver.find_elements(By.CSS_SELECTOR, "main summary"):
        summary.click()
    browser.look("project-unfolded")
    script = "return document.querySelector('main').innerHTML.length - " + " - ".join(
        f"(document.querySelector('{it}')?.innerHTML.length ?? 0)" for it in (".description", ".files")
    )
    assert browser.driver.execute_script(script) < MOST
    browser.driver.find_element(By.LINK_TEXT, "ada").click()
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: browser.path() == "/user/ada/")
    browser.look("user")
    browser.open("/project/six/1.15/", "project-yanked")
    browser.says("This release is yanked: too old")
    browser.open("/project/six/releases/", "releases")


def contents(browser: Browser):
    browser.open("/project/six/1.17.0/files/", "files")
    links = browser.driver.find_elements(By.PARTIAL_LINK_TEXT, "contents")
    links[0].click()
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: browser.path().endswith(".tar.gz/"))
    browser.look("contents")
    browser.driver.find_element(By.PARTIAL_LINK_TEXT, "six.py").click()
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: "?member=" in browser.path())
    browser.says("def with_metaclass")
    browser.look("member")


def without_script(browser: Browser):
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.driver.get(f"{browser.url}/project/requests/")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".install button"), browser.text()
    browser.says("pip install --index-url")


def main():
    url, scratch = sys.argv[1:]
    browser = Browser(url, f"{scratch}/profile", os.environ.get("TEST_SCREENSHOTS"))
    try:
        project(browser)
        contents(browser)
        browser.open("/", "home")
        browser.open("/search/?q=six", "search")
        complaints = browser.driver.get_log("browser")
        assert not complaints, complaints
        without_script(browser)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
