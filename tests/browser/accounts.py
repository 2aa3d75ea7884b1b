"""The life of an account in a real browser: from the invitation over uploads to a new password.

Arguments: the URL of the index, the folder of its mails, the path of an invitation, a scratch
folder. TEST_SCREENSHOTS names a folder for pictures of all pages, if they are wanted.
"""

import base64
import email
import email.policy
import hashlib
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pyotp
import zxingcpp
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from drive import PATIENCE, Browser

NAME, ADDRESS = "bob", "bob@example.org"
PASSWORD, NEW = "a tall ladder of seven rungs", "quite another way to say it"
PROVISION = "/manage/account/totp-provision"


def mail(folder: Path, subject: str) -> str:
    """The text of the mail about something, which may still be on its way."""

    def find(_):
        for file in folder.glob("*.eml"):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if letter["To"] == ADDRESS and subject in letter["Subject"]:
                return letter.get_content()
        return None

    return WebDriverWait(None, PATIENCE).until(find)


def link(text: str, url: str) -> str:
    found = re.search(re.escape(url) + r"(/\S+)", text)
    assert found, text
    return found.group(1)


def register(browser: Browser, mails: Path, invitation: str):
    browser.open(invitation, "register")
    browser.fill(username=NAME, full_name="Bob", email=ADDRESS, new_password=PASSWORD)
    browser.fill(password_confirm="something else")
    browser.submit("username", "register-refused")
    browser.says("The two passwords differ.")
    browser.fill(new_password=PASSWORD, password_confirm=PASSWORD)
    browser.submit("username", "registered")
    browser.says("Your account is made.")
    path = link(mail(mails, "Verify your address"), browser.url)
    browser.open(path, "login")
    log_in(browser, "wrong password", "login-refused")
    browser.says("The user name or the password is not right.")
    log_in(browser, PASSWORD, "verify")
    browser.says(ADDRESS)
    browser.press("Yes, it is mine", "account")


def log_in(browser: Browser, password: str, name: str):
    browser.fill(username=NAME, password=password)
    browser.submit("password", name)


def log_out(browser: Browser):
    browser.open("/account/reauthenticate/")
    browser.press("Log out", "logged-out")
    browser.says("You are logged out.")


def set_up(browser: Browser, scratch: Path) -> tuple[pyotp.TOTP, list[str], int]:
    """Turns the second factor on, by the picture of the QR code."""
    browser.open("/manage/account/recovery-codes/generate", "codes-explained")
    browser.press("recovery codes", "codes")
    codes = re.findall(r"\b[0-9a-f]{16}\b", browser.text())
    assert len(codes) == 8, browser.text()
    browser.open("/manage/account/recovery-codes/burn", "codes-burn")
    browser.fill(recovery_code_value=codes.pop(0))
    browser.submit("recovery_code_value", "codes-kept")
    browser.open(PROVISION, "totp")
    picture = browser.picture("main svg", scratch / "qr.png")
    read = zxingcpp.read_barcodes(Image.open(picture).convert("RGB"))
    assert len(read) == 1, read
    app = pyotp.parse_uri(read[0].text)
    assert app.secret in browser.driver.page_source.replace(" ", "")
    browser.fill(totp_value="000000" if app.now() != "000000" else "111111")
    browser.submit("totp_value", "totp-refused")
    step = int(time.time()) // 30
    browser.fill(totp_value=app.at(step * 30))
    browser.submit("totp_value", "totp-on")
    return app, codes, step


def use(browser: Browser, app: pyotp.TOTP, codes: list[str], step: int):
    """Logs in with what the second factor has to offer."""
    log_out(browser)
    browser.open("/account/login/", "login")
    log_in(browser, PASSWORD, "two-factor")
    # The code that proved the app is used up, and the one before it is too old.
    for spent in (app.at(step * 30), app.at((step - 1) * 30), "000000"):
        browser.fill(totp_value=spent)
        browser.submit("totp_value", "two-factor-refused")
        browser.says("This code is not right")
    fresh = max(step + 1, int(time.time()) // 30)
    browser.fill(totp_value=app.at(fresh * 30))
    browser.submit("totp_value", "account")
    assert browser.path().startswith("/manage/account/"), browser.path()
    log_out(browser)
    browser.open("/account/login/", "login")
    log_in(browser, PASSWORD, "two-factor")
    by_recovery_code(browser, codes.pop(0))


def by_recovery_code(browser: Browser, code: str):
    browser.open("/account/recovery-code/", "recovery-code")
    browser.fill(recovery_code_value=code)
    browser.submit("recovery_code_value", "account")
    assert browser.path().startswith("/manage/account/"), browser.path()


def digest(text: str) -> str:
    """As RECORD has it."""
    hashed = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def wheel(folder: Path, version: str) -> Path:
    """A wheel of a project that nobody has yet."""
    info = f"ladder-{version}.dist-info"
    members = {
        "ladder.py": "rungs = 7\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: ladder\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={digest(text)},{len(text)}\n" for name, text in members.items()]
    members[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"])
    file = folder / f"ladder-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file


def upload(browser: Browser, file: Path, user: str, password: str):
    """Uploads as people do, by twine, which knows nothing of codes."""
    twine = [sys.executable, "-m", "twine", "upload", "--non-interactive", "--disable-progress-bar"]
    where = ["--repository-url", f"{browser.url}/legacy/", "--config-file", os.devnull]
    done = subprocess.run(
        [*twine, *where, "--username", user, "--password", password, str(file)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def publish(browser: Browser, scratch: Path):
    """Makes a token on the page, and uploads by it and by the password alone."""
    browser.open("/manage/account/token/")
    browser.fill(description="a pipeline")
    browser.submit("description", "token-made")
    token = browser.driver.find_element(By.ID, "token").get_attribute("value")
    assert token.startswith("pypi-"), browser.text()
    upload(browser, wheel(scratch, "1.0"), "__token__", token)
    upload(browser, wheel(scratch, "1.1"), NAME, PASSWORD)
    browser.open("/project/ladder/")
    browser.says("1.1")
    browser.open("/project/ladder/1.0/", "release")
    browser.open("/manage/account/token/", "tokens-used")
    browser.says("a pipeline")
    assert token not in browser.driver.page_source


def end_other(browser: Browser, scratch: Path, codes: list[str]):
    """Ends the session of another browser from the page that lists them."""
    other = Browser(browser.url, str(scratch / "other"), None)
    # It shows the same pages, which are looked at in the first one.
    other.seen = browser.seen
    try:
        other.open("/account/login/", "login")
        log_in(other, PASSWORD, "two-factor")
        by_recovery_code(other, codes.pop(0))
        browser.open("/manage/account/sessions/", "two-sessions")
        browser.press("End it", "session-ended")
        browser.says("The session is ended.")
        other.open("/manage/account/", "login")
        assert other.path().startswith("/account/login/"), other.path()
    finally:
        other.close()
    browser.open("/manage/account/", "account")
    assert browser.path().startswith("/manage/account/"), browser.path()


def reset(browser: Browser, mails: Path, codes: list[str]):
    browser.open("/account/request-password-reset/", "forgotten")
    browser.fill(username_or_email=ADDRESS)
    browser.submit("username_or_email", "reset-asked")
    browser.says("a mail is on its way")
    path = link(mail(mails, "A new password was asked for"), browser.url)
    browser.open(path, "new-password")
    browser.fill(new_password="password1", password_confirm="password1")
    browser.submit("new_password", "new-password-refused")
    browser.fill(new_password=NEW, password_confirm=NEW)
    browser.submit("new_password", "reset-done")
    browser.says("Your password is changed.")
    browser.open(path, "link-over")
    browser.says("This link has been used")
    browser.open("/account/login/", "login")
    log_in(browser, PASSWORD, "login-refused")
    log_in(browser, NEW, "two-factor")
    assert browser.path().startswith("/account/two-factor/"), browser.path()
    by_recovery_code(browser, codes.pop(0))
    mail(mails, "Your password was changed")


def look_around(browser: Browser):
    for path in (
        "/",
        "/nothing",
        "/account/reauthenticate/",
        "/manage/account/",
        "/manage/account/two-factor/",
        "/manage/account/sessions/",
        "/manage/account/history/",
        "/manage/account/token/",
        "/manage/projects/",
    ):
        browser.open(path)


def main():
    url, mails, invitation, scratch = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    browser = Browser(url, str(scratch / "profile"), os.environ.get("TEST_SCREENSHOTS"))
    try:
        register(browser, mails, invitation)
        app, codes, step = set_up(browser, scratch)
        use(browser, app, codes, step)
        publish(browser, scratch)
        end_other(browser, scratch, codes)
        look_around(browser)
        log_out(browser)
        reset(browser, mails, codes)
    finally:
        browser.close()


main()
