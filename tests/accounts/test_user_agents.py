import pytest

from accounts.user_agents import program_of, system_of

M = "Mozilla/5.0"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    f"{M} (Windows NT 10.0; Win64; x64) {KIT} Chrome/131.0.0.0 Safari/537.36": "Chrome Windows",
    f"{M} (X11; Linux x86_64) {KIT} HeadlessChrome/131.0.0.0 Safari/537.36": "Chrome Linux",
    f"{M} (Windows NT 10.0) {KIT} Chrome/131.0 Safari/537.36 Edg/131.0": "Edge Windows",
    f"{M} (Windows NT 10.0) {KIT} Chrome/130 Whale/4.29 Safari/537.36": "Whale Windows",
    f"{M} (Linux; Android 14; SM-S918N) {KIT} SamsungBrowser/27.0 Chrome/125 Mobile": (
        "Samsung Internet Android"
    ),
    f"{M} (Linux; Android 14) {KIT} Version/4.0 Chrome/131 Mobile KAKAOTALK 11.0": (
        "KakaoTalk Android"
    ),
    f"{M} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18.1 Safari/605": (
        "Safari macOS"
    ),
    f"{M} (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604": (
        "Safari iPhone"
    ),
    f"{M} (iPad; CPU OS 18_1 like Mac OS X) CriOS/131 Mobile Safari/604": "Chrome iPad",
    f"{M} (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/131 Safari/537.36": "Chrome ChromeOS",
    f"{M} (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox Linux",
    "curl/8.5.0": "curl ",
    "python-requests/2.32.3": "python-requests ",
    "Daesa/1.0 CFNetwork/1568 Darwin/24.1.0": "Daesa macOS",
    M: " ",
    "": " ",
    "(((": " ",
    "<script>alert(1)</script>": " ",
    "x" * 200: "x" * 40 + " ",
}


@pytest.mark.parametrize(("agent", "words"), AGENTS.items(), ids=range(len(AGENTS)))
def test_the_words(agent, words):
    assert f"{program_of(agent)} {system_of(agent)}" == words
