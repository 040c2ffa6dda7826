import pytest

DOCUMENT = """<!doctype html><html lang="ko"><head><!-- meta --><title>Daesa</title>
<!-- /meta --></head><body><div id="root"></div><noscript>Needs JavaScript</noscript></body></html>
"""


@pytest.fixture
def built(settings, tmp_path):
    (tmp_path / "index.html").write_text(DOCUMENT)
    settings.PAGE_DIR = tmp_path


@pytest.fixture
def _closed(settings):
    settings.PUBLIC_BOARD = False
