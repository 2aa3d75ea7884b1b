"""The life of a project in a real browser: from the first release to its end.

Arguments: the URL of the index, a scratch folder. `ada` owns the project Foo with the releases 1.0
and 2.0, `eve` is nobody yet; both have the password of the third argument. TEST_SCREENSHOTS names a
folder for pictures of all pages, if they are wanted.
"""

import os
import sys
from pathlib import Path

from selenium.webdriver.common.by import By

from drive import Browser

FOO = "/manage/project/foo"


def log_in(browser: Browser, name: str, password: str):
    browser.open("/account/login/", "login")
    browser.fill(username=name, password=password)
    browser.submit("password", "account")


def log_out(browser: Browser):
    browser.open("/account/reauthenticate/", "reauthenticate")
    browser.press("Log out", "logged-out")


def within(browser: Browser, field: str, words: str, typed: dict[str, str], name: str):
    """Fills in the visible form that has this field, and sends it."""
    fields = browser.driver.find_elements(By.NAME, field)
    shown = next((it for it in fields if it.is_displayed()), None)
    assert shown, f"no {field} is shown: {browser.text()}"
    form = shown.find_element(By.XPATH, "ancestor::form")
    for key, value in typed.items():
        field = form.find_element(By.NAME, key)
        field.clear()
        field.send_keys(value)
    button = form.find_element(By.CSS_SELECTOR, "button")
    assert words in button.text, button.text
    browser.click(button)
    browser.look(name)


def yank(browser: Browser):
    browser.open("/manage/projects/", "projects")
    browser.driver.find_element(By.LINK_TEXT, "Foo").click()
    browser.says("2 releases")
    browser.look("releases")
    browser.open(f"{FOO}/release/2.0/", "release")
    wrong = {"confirm_yank_version": "2", "yanked_reason": "It forgets its name"}
    within(browser, "confirm_yank_version", "Yank", wrong, "release-refused")
    browser.says("Nothing was done")
    right = wrong | {"confirm_yank_version": "2.0"}
    within(browser, "confirm_yank_version", "Yank", right, "release-yanked")
    browser.says("It is yanked")
    right = {"confirm_unyank_version": "2.0"}
    within(browser, "confirm_unyank_version", "Unyank", right, "release-unyanked")


def delete_file(browser: Browser):
    browser.open(f"{FOO}/release/2.0/")
    browser.driver.find_element(By.CSS_SELECTOR, "details summary").click()
    browser.look("file")
    typed = {"confirm_project_name": "Foo"}
    within(browser, "confirm_project_name", "Delete the file", typed, "file-deleted")
    browser.says("The file is deleted.")
    typed = {"confirm_delete_version": "2.0"}
    within(browser, "confirm_delete_version", "Delete the release", typed, "release-deleted")
    browser.says("The release is deleted")


def invite(browser: Browser, password: str):
    browser.open(f"{FOO}/collaboration/", "people")
    within(browser, "username", "Invite", {"username": "nobody"}, "people-refused")
    browser.says("no account of that name")
    within(browser, "username", "Invite", {"username": "eve"}, "people-invited")
    browser.says("The invitation is mailed.")
    log_out(browser)
    log_in(browser, "eve", password)
    browser.open("/manage/projects/", "projects-invited")
    browser.says("Maintainers upload its releases.")
    browser.press("Accept", "projects-accepted")
    browser.says("The project is among yours now.")
    for page in ("releases", "release/1.0", "collaboration", "settings", "history"):
        browser.open(f"{FOO}/{page}/", f"maintainer-{page}")
    log_out(browser)
    log_in(browser, "ada", password)
    browser.open(f"{FOO}/collaboration/", "people-joined")
    browser.press("Remove", "people-removed")
    browser.says("The role is taken away.")


def end(browser: Browser):
    browser.open(f"{FOO}/settings/", "settings")
    browser.driver.find_element(By.ID, "deprecate-reason").send_keys("Use bar instead")
    browser.press("Deprecate", "settings-deprecated")
    browser.says("Use bar instead")
    browser.press("Deprecate no more", "settings-active")
    browser.press("Archive", "settings-archived")
    browser.says("takes no uploads")
    browser.open(f"{FOO}/history/", "history")
    browser.says("project archived")
    browser.open(f"{FOO}/settings/")
    browser.fill(confirm_project_name="foo")
    browser.submit("confirm_project_name", "settings-refused")
    browser.says("Nothing was done")
    browser.fill(confirm_project_name="Foo")
    browser.submit("confirm_project_name", "project-deleted")
    browser.says("The project is deleted.")
    browser.says("You have none yet.")


def main():
    url, scratch, password = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    browser = Browser(url, str(scratch / "profile"), os.environ.get("TEST_SCREENSHOTS"))
    try:
        log_in(browser, "ada", password)
        yank(browser)
        delete_file(browser)
        invite(browser, password)
        end(browser)
    finally:
        browser.close()


main()
