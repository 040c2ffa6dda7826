"""The page on another port than the API, built for the API's origin."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import live
from tests.e2e.conftest import PASSWORD, open_context, serving

FRONTEND = live.ROOT / "frontend"


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves files, and the document for every other address."""

    def send_head(self):
        if not Path(self.translate_path(self.path)).is_file():
            self.path = "/index.html"
        return super().send_head()

    def log_message(self, *_arguments):
        pass


def build(target: Path, api: str) -> None:
    own = Path(sys.executable).parent  # `make` installs Node here if the system has none
    node = shutil.which("node", path=f"{own}{os.pathsep}{os.environ['PATH']}")
    if node is None:
        pytest.skip("there is no Node to build the page for another origin")
    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    command = [node, str(vite), "build", "--outDir", str(target), "--logLevel", "warn"]
    environment = {**os.environ, "VITE_API_BASE": api}
    done = subprocess.run(  # noqa: S603
        command, cwd=FRONTEND, env=environment, check=True, capture_output=True, text=True
    )
    assert "warning" not in (done.stdout + done.stderr).lower()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    handler = functools.partial(Pages, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path
        server.shutdown()
        thread.join()


def test_two_ports(pages, browser: Browser, tmp_path_factory: pytest.TempPathFactory):
    home, directory = pages
    allowed = {"CORS_ALLOWED_ORIGINS": home, "CSRF_TRUSTED_ORIGINS": home}
    with serving(tmp_path_factory.mktemp("elsewhere"), **allowed) as site:
        build(directory, site.url)
        user = open_context(home, browser, extra_http_headers={})
        page = user.go("/join")
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Join").click()
        expect(page.get_by_text("5 of 5 left today")).to_be_visible()
        user.ask("From afar [[chunks: 20]] [[slow: 0.05]]")
        answer = page.get_by_role("article", name="Answer")
        expect(answer).to_contain_text("1 2 3")
        expect(page).to_have_url(re.compile(r"/c/\d+$"))
        page.reload()
        expect(answer).to_contain_text("19 20")
        expect(page.get_by_text("4 of 5 left today")).to_be_visible()
        user.context.close()
        assert {fault for fault in user.faults if site.url not in fault} == set()
