"""A mail domain lapses, and whoever has it now tries to get in by the mails to it.

Arguments: the URL of the index, the folder of its mails, a scratch folder, the password of all
accounts. The provider of answers says that the domain of bob's address has lapsed.
"""

import email
import email.policy
import os
import re
import sys
from pathlib import Path

from selenium.webdriver.support.ui import WebDriverWait

from drive import PATIENCE, Browser

NAME, ADDRESS = "bob", "bob@lapsed.com"
ASK, UNVERIFIED, LOGIN = "/account/request-password-reset/", "/manage/unverified-account/", "/account/login/"


def letters(folder: Path) -> list[str]:
    """What the mail box of the lapsed domain got."""
    read = (email.message_from_bytes(it.read_bytes(), policy=email.policy.default) for it in sorted(folder.glob("*.eml")))
    return [letter.get_content() for letter in read if letter["To"] == ADDRESS]


def wait_for(folder: Path, count: int) -> list[str]:
    return WebDriverWait(None, PATIENCE).until(lambda _: len(letters(folder)) >= count and letters(folder))


def log_in(browser: Browser, name: str, password: str):
    browser.open(LOGIN, "login")
    browser.fill(username=name, password=password)
    browser.submit("password", f"account-{name}")


def sweep(ada: Browser):
    """By the page of the administrators."""
    ada.open("/admin/domains/", "domains")
    ada.press("Sweep now", "domains-sweep")

    def is_done(_):
        ada.open("/admin/domains/?result=lapsed", "domains-lapsed")
        return "1 address unverified" in ada.text()

    WebDriverWait(None, PATIENCE).until(is_done)
    ada.open("/admin/domains/lapsed.com/", "domain")
    ada.says("verified no more since")
    ada.says(ADDRESS)


def attack(eve: Browser, mails: Path):
    """Whoever reads the mails to the domain asks for all that is mailed."""
    for count, name in enumerate((NAME, ADDRESS, ADDRESS.upper()), len(letters(mails)) + 1):
        eve.open(ASK, "forgotten")
        eve.fill(username_or_email=name)
        eve.submit("username_or_email", "reset-asked")
        eve.says("a mail is on its way")
        got = wait_for(mails, count)
        assert not any("http" in text for text in got), got
    for path in ("/manage/account/", UNVERIFIED, "/account/verify-email/?token=x", "/admin/domains/"):
        eve.open(path)
        assert eve.path().startswith(LOGIN), eve.path()


def owner(bob: Browser, mails: Path):
    """Is still in, is told why, and cannot verify what is not his any more."""
    bob.open("/manage/account/", "unverified")
    assert bob.path().startswith(UNVERIFIED), bob.path()
    bob.says("its domain has expired")
    before = len(letters(mails))
    bob.press("new link", "link-mailed")
    text = wait_for(mails, before + 1)[-1]
    path = re.search(re.escape(bob.url) + r"(/\S+)", text).group(1)
    bob.open(path, "verify")
    bob.press("Yes, it is mine", "verify-refused")
    bob.says("has lapsed")
    bob.open("/manage/account/", "unverified")
    assert bob.path().startswith(UNVERIFIED), bob.path()


def main():
    url, mails, scratch, password = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    screenshots = os.environ.get("TEST_SCREENSHOTS")
    browsers = {name: Browser(url, str(scratch / name), screenshots) for name in ("ada", "bob", "eve")}
    ada, bob, eve = browsers.values()
    bob.seen = eve.seen = ada.seen
    try:
        log_in(ada, "ada", password)
        log_in(bob, NAME, password)
        sweep(ada)
        attack(eve, mails)
        owner(bob, mails)
    finally:
        for browser in browsers.values():
            browser.close()


main()
