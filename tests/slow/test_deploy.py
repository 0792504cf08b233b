"""docs/deploy.md, gone through as a person would: nginx, PostgreSQL, two apps, a sign-in, a backup, all on the loopback network.

nginx, the units of the apps and of the backup, what they find in their environment and the restore are the page's own texts, in which
only places (paths, ports, the host, the database, the secret) are put in. Run it alone:
`.venv/bin/python -m pytest -m slow tests/slow/test_deploy.py`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.browser import FLAGS, chromium_program, free_port, wait_until_healthy, wait_until_settled
from tests.support.openid import CLIENT, SECRET, openid_provider
from tests.support.paths import ROOT
from workbench.judgement.store import Judgement
from workbench.store import JUDGEMENT_URL, Store
from workbench.ui.provider import CLIENT_SECRET

pytestmark = pytest.mark.slow
ANA = {"sub": "1", "email": "ana@example.com", "email_verified": True, "groups": ["triage-leads"]}
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")


def block(first_line: str) -> str:
    """The fenced text of the page that begins so."""
    return next(text for text in re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL) if text.startswith(first_line))


@contextmanager
def nginx(folder: Path, port: int, apps: list[int]) -> Iterator[str]:
    """nginx as the page has it, with a certificate of its own; the address that people open."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    subject = ["-subj", "/CN=127.0.0.1", "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    site = block("map $http_upgrade").replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    for stated, here in (
        ("/etc/triage", str(folder)),
        ("triage.example", "127.0.0.1"),
        ("127.0.0.1:8501", f"127.0.0.1:{apps[0]}"),
        ("127.0.0.1:8502", f"127.0.0.1:{apps[1]}"),
    ):
        assert stated in site
        site = site.replace(stated, here)
    temporary = "\n".join(
        f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}\n"
        f"http {{ access_log off;\n{temporary}\n{site} }}\n",
        "utf-8",
    )
    with subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        try:
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def browser(address: str) -> Iterator[Page]:
    """A browser that accepts the certificate."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=chromium_program(), args=FLAGS)
        page = chromium.new_context(ignore_https_errors=True, base_url=address).new_page()
        yield page
        chromium.close()


@dataclass(frozen=True)
class Machine:
    """The machine of the page, in a folder of the test."""

    folder: Path
    """What stands for /srv/triage and /etc/triage."""
    database: str
    """The address of PostgreSQL."""

    def placed(self, text: str) -> str:
        """A text of the page with the places of this machine."""
        places = (
            ("/srv/triage/workbench/.venv/bin/python", sys.executable),
            ("/srv/triage/workbench", str(ROOT)),
            ("/srv/triage", str(self.folder)),
            ("/etc/triage", str(self.folder)),
        )
        for stated, here in places:
            text = text.replace(stated, here)
        return text

    def command(self, unit: str, instance: str = "") -> dict[str, Any]:
        """What systemd runs for a unit of the page: the command, in its folder, with nothing but its own environment."""
        stated = dict(line.split("=", 1) for line in self.placed(block(unit)).splitlines() if "=" in line)
        assert stated["EnvironmentFile"] == str(self.folder / "env")
        return {
            "args": shlex.split(stated["ExecStart"].replace("%i", instance)),
            "cwd": stated["WorkingDirectory"],
            "env": self.environment(),
        }

    def environment(self) -> dict[str, str]:
        """What the page has in /etc/triage/env, with the database and the secret of here, beside what systemd gives every unit."""
        lines = re.findall(r"^    (WORKBENCH_\w+)=(.*)$", PAGE.partition("`/etc/triage/env`")[2], re.MULTILINE)
        stated = {name: self.placed(value) for name, value in lines}
        assert list(stated) == ["WORKBENCH_STORE", JUDGEMENT_URL, CLIENT_SECRET]
        return stated | {JUDGEMENT_URL: self.database, CLIENT_SECRET: SECRET, "PATH": os.defpath, "LANG": "C.UTF-8"}

    def restore(self) -> list[str]:
        """The page's command that puts the backup back."""
        (words,) = re.findall(r"`python -m workbench (restore /srv/triage/\S+ --actor \S+)`", PAGE)
        return [sys.executable, "-m", "workbench", *shlex.split(self.placed(words))]


@contextmanager
def running_app(machine: Machine, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """One of the two apps, as its unit starts it."""
    unit = machine.command("# /etc/systemd/system/triage@.service", str(port))
    with subprocess.Popen(**unit, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process)
            yield process
        finally:
            process.kill()


def run_to_its_end(args: list[str], cwd: str, env: dict[str, str]) -> None:
    """Run a command to its good end."""
    ended = subprocess.run(args, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def causes() -> dict[str, str | None]:
    """The root cause of each cluster that has one, as the database says."""
    with closing(Judgement(os.environ[JUDGEMENT_URL])) as judgement:
        assert judgement.journal.verify_chain().intact
        return {target: label.cause for (_, target), label in judgement.labels.all().items()}


def wait_for(address: str) -> None:
    """Until nginx listens."""
    for _ in range(100):
        try:
            urllib.request.urlopen(address.replace("https", "http"), timeout=1)
        except urllib.error.HTTPError:
            return  # plain HTTP to a port with TLS: it answers
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nginx does not answer at {address}")


def test_a_pod_works_behind_nginx_with_two_apps_and_gets_its_work_back_from_the_nights_backup(
    store: Store, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()) or chromium_program() is None:
        warnings.warn("nginx or Chromium is missing: docs/deploy.md was NOT tried", stacklevel=1)
        pytest.skip("nginx or Chromium is missing: apt-get install nginx chromium")
    port, apps = free_port(), [free_port(), free_port()]
    monkeypatch.setenv(JUDGEMENT_URL, postgres)
    machine = Machine(tmp_path, postgres)
    assert store.root == tmp_path / "store"
    (tmp_path / "backups").mkdir()
    with ExitStack() as stack:
        provider = stack.enter_context(openid_provider())
        provider.person = ANA
        (tmp_path / "sign-in.toml").write_text(
            f'issuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\naddress = "https://127.0.0.1:{port}"\n'
            'roles_from = "groups"\n[roles]\nlead = ["triage-leads"]\n',
            "utf-8",
        )
        processes = {each: stack.enter_context(running_app(machine, each)) for each in apps}
        address = stack.enter_context(nginx(tmp_path, port, apps))
        wait_for(address)
        page = stack.enter_context(browser(address))

        # The link that somebody sent survives the sign-in, and the label is written through one of the apps.
        page.goto("/cluster?c=FC-0001")
        wait_until_settled(page)
        assert page.url == f"{address}/cluster?c=FC-0001"
        page.keyboard.press("l")
        field = page.get_by_role("combobox", name="Root cause")
        expect(field).to_be_focused(timeout=20_000)
        page.keyboard.type("tool fault", delay=20)
        page.keyboard.press("Enter")
        expect(field).not_to_be_focused(timeout=20_000)
        page.keyboard.press("n")
        expect(page.locator(".st-key-saved_before")).to_contain_text("Saved FC-0001: Tool fault", timeout=20_000)
        assert causes() == {"FC-0001": "tool-fault"}

        # That app stops; the other one has the label, and knows who signed in.
        serving = app_of(page, apps)
        processes[serving].terminate()
        processes[serving].wait()
        page.goto("/cluster?c=FC-0001")
        wait_until_settled(page)
        expect(page.get_by_text("Tool fault").first).to_be_visible(timeout=20_000)
        assert app_of(page, apps) != serving
        assert len(provider.asked) == 1

        # The night's backup; a label is lost in the morning; the backup puts it back, and the app that runs shows it.
        run_to_its_end(**machine.command("# /etc/systemd/system/triage-backup.service"))
        before = causes()
        with closing(Judgement(postgres)) as judgement:
            judgement.labels.set("cluster", "FC-0001", actor="ana@example.com", cause="loop")
        run_to_its_end(machine.restore(), str(ROOT), machine.environment())
        assert causes() == before == {"FC-0001": "tool-fault"}
        page.goto("/cluster?c=FC-0001")
        wait_until_settled(page)
        expect(page.get_by_text("Tool fault").first).to_be_visible(timeout=20_000)


def app_of(page: Page, apps: list[int]) -> int:
    """The app to which nginx holds the socket of an open page."""
    page.wait_for_timeout(200)
    held = subprocess.run(["ss", "-Htn", "state", "established"], capture_output=True, text=True, check=True).stdout
    counts = {app: held.count(f"127.0.0.1:{app} ") for app in apps}
    return max(apps, key=lambda app: counts[app])
