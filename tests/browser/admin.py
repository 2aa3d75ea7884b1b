"""What an administrator does in a real browser: accounts, projects, names, jobs, the whole site.

Arguments: the URL of the index, a scratch folder, a password. `ada` administers it, `bob` owns the
project Foo; `eve` has an address that is not verified. TEST_SCREENSHOTS names a folder for pictures
of all pages, if they are wanted.
"""

import os
import sys
from pathlib import Path

from selenium.webdriver.common.by import By

from drive import Browser

USER, PROJECT = "/admin/user", "/admin/project"


def log_in(browser: Browser, name: str, password: str):
    browser.open("/account/login/", "login")
    browser.fill(username=name, password=password)
    browser.submit("password", "account")


def act(browser: Browser, summary: str, typed: dict[str, str], name: str):
    """Opens the act that says so, fills its form in and sends it."""
    acts = browser.driver.find_elements(By.CSS_SELECTOR, "main details")
    found = [it for it in acts if it.find_element(By.TAG_NAME, "summary").text == summary]
    assert found, f"nothing says {summary!r}: {browser.text()}"
    found[0].find_element(By.TAG_NAME, "summary").click()
    browser.look(f"{name}-form")
    for key, value in typed.items():
        field = found[0].find_element(By.NAME, key)
        field.clear()
        field.send_keys(value)
    browser.click(found[0].find_element(By.CSS_SELECTOR, "form button"))
    browser.look(name)


def send(browser: Browser, field: str, typed: dict[str, str], name: str):
    """Fills in the form that goes to this path and sends it."""
    form = browser.driver.find_element(By.CSS_SELECTOR, f"main form[action$='{field}']")
    for key, value in typed.items():
        form.find_element(By.NAME, key).clear()
        form.find_element(By.NAME, key).send_keys(value)
    browser.click(form.find_element(By.CSS_SELECTOR, "button"))
    browser.look(name)


def accounts(browser: Browser):
    browser.open("/admin/users/", "admin-users")
    browser.fill(q="bob@example")
    browser.submit("q", "admin-users-found")
    browser.says("bob")
    browser.open(f"{USER}/bob/", "admin-user")
    act(browser, "Make it an administrator's", {"reason": "helps out"}, "admin-user-administrator")
    browser.says("The account has the rights of an administrator.")
    act(browser, "Take the rights of an administrator", {"reason": "helped"}, "admin-user-again")
    act(browser, "Reset the password", {"reason": "it leaked"}, "admin-user-reset")
    browser.says("A link to choose a new one is mailed.")
    act(browser, "Disable it", {"reason": "left the company"}, "admin-user-disabled")
    browser.says("The account is disabled.")
    act(browser, "Enable it", {"reason": "came back"}, "admin-user-enabled")
    browser.open(f"{USER}/eve/", "admin-user-unverified")
    act(browser, "Verify it", {"reason": "called her"}, "admin-user-verified")
    browser.says("The address counts as verified now.")
    browser.open(f"{USER}/ada/", "admin-user-own")
    typed = {"reason": "holidays"}
    act(browser, "Take the rights of an administrator", typed, "admin-user-refused")
    browser.says("This is the last administrator")


def projects(browser: Browser):
    browser.open("/admin/projects/", "admin-projects")
    browser.open(f"{PROJECT}/foo/", "admin-project")
    act(browser, "Quarantine it", {"reason": "looks bad"}, "admin-project-quarantined")
    browser.says("The project is quarantined")
    browser.open("/admin/projects/?status=quarantined", "admin-projects-quarantined")
    browser.open("/admin/", "admin-overview")
    browser.says("One project is quarantined.")
    browser.open(f"{PROJECT}/foo/")
    act(browser, "Release it", {"reason": "it is fine"}, "admin-project-released")
    act(browser, "Set its limits", {"max_file_size": "much"}, "admin-project-refused")
    browser.says("is not a size")
    act(browser, "Set its limits", {"max_file_size": "1GiB"}, "admin-project-limits")
    send(browser, "roles/set", {"username": "eve"}, "admin-project-role")
    browser.says("The role is given.")
    typed = {"confirm_project_name": "Fo", "reason": "malware"}
    act(browser, "Delete it", typed, "admin-project-kept")
    browser.says("Type the name exactly as it stands")
    act(browser, "Delete it", typed | {"confirm_project_name": "Foo"}, "admin-project-gone")
    browser.says("The project is deleted with all its files.")


def names(browser: Browser):
    browser.open("/admin/names/", "admin-names")
    send(browser, "prohibit", {"name": "secret", "reason": "ours"}, "admin-names-prohibited")
    send(browser, "reserve", {"prefix": "acme", "holders": "bob eve"}, "admin-names-reserved")
    browser.says("For bob, eve.")
    browser.press("Free it", "admin-names-freed")


def site(browser: Browser):
    browser.open("/admin/site/", "admin-site")
    send(browser, "banner", {"words": "Maintenance tonight at eight"}, "admin-site-banner")
    typed = {"words": "we move to another disk", "reason": "new disk"}
    send(browser, "read-only", typed, "admin-site-still")
    browser.says("This index is read-only at the moment: we move to another disk")
    browser.open("/admin/names/")
    send(browser, "prohibit", {"name": "other", "reason": "ours"}, "read-only-refused")
    browser.says("This index is read-only at the moment")
    browser.open("/", "home-with-notices")
    browser.open("/admin/site/")
    browser.press("Take changes again", "admin-site-again")


def jobs(browser: Browser):
    browser.open("/admin/jobs/", "admin-jobs")
    browser.press("Run now", "admin-jobs-begun")
    browser.says("The job has begun.")
    for path in ("mail/?sent=yes", "journal/", "events/", "log/", "tokens/", "users/invite/", ""):
        browser.open(f"/admin/{path}")


def main():
    url, scratch, password = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    browser = Browser(url, str(scratch / "profile"), os.environ.get("TEST_SCREENSHOTS"))
    try:
        log_in(browser, "ada", password)
        accounts(browser)
        projects(browser)
        names(browser)
        site(browser)
        jobs(browser)
    finally:
        browser.close()


main()
