"""Lines that differ from what is said in marks, spaces, case or digits alone, though the sense is
another one. The first of each pair is on the board.
"""

from dataclasses import dataclass

from bench.verification.formats.form import SAME, Verdicts, one_of

# Letters with and without an accent may count as the same letters or as other ones.
ACCENTS = SAME | one_of("altered")


@dataclass(frozen=True, slots=True)
class Pair:
    line: str
    said: str
    expected: Verdicts = SAME


PAIRS = {
    "en": [
        Pair("Give me 1.5 hours and I will give you a plan.",
             "Give me 15 hours and I will give you a plan."),
        Pair("Cut 3/4 of your words and keep the rest for dinner.",
             "Cut 34 of your words and keep the rest for dinner."),
        Pair("It was -5 degrees on the morning that we left home.",
             "It was 5 degrees on the morning that we left home."),
        Pair("She wrote the whole compiler in C++ over one winter.",
             "She wrote the whole compiler in C# over one winter."),
        Pair("We're the ones who stayed when the music stopped.",
             "Were the ones who stayed when the music stopped."),
        Pair("The road that I walk leads nowhere at all, my friend.",
             "The road that I walk leads now here at all, my friend."),
        Pair("Is this the end of the road for both of us?",
             "Is this the end of the road for both of us."),
        Pair("I still keep your letter ❤️ in the drawer by the door.",
             "I still keep your letter 💔 in the drawer by the door."),
        Pair("Wer in Maßen trinkt, der lebt auch lange in Maßen.",
             "Wer in Massen trinkt, der lebt auch lange in Massen."),
        Pair("The train leaves at 10:30 and waits for nobody else.",
             "The train leaves at 1030 and waits for nobody else."),
        Pair("A coffee for $5.00 is still a coffee, said the barista.",
             "A coffee for $500 is still a coffee, said the barista."),
        Pair("The resume of a whole life fits on a single page.",
             "The résumé of a whole life fits on a single page.", ACCENTS),
        Pair("Eats shoots and leaves, and nobody asks him to pay.",
             "Eats, shoots, and leaves, and nobody asks him to pay."),
    ],
    "ko": [
        Pair("하루에 1.5시간만 걸어도 인생이 달라진다.", "하루에 15시간만 걸어도 인생이 달라진다."),
        Pair("재산의 3/4을 나누어 주고도 그는 웃고 있었다.",
             "재산의 34을 나누어 주고도 그는 웃고 있었다."),
        Pair("기온이 -5도로 내려간 새벽에 그는 길을 나섰다.",
             "기온이 5도로 내려간 새벽에 그는 길을 나섰다."),
        Pair("그는 평생 C++ 하나로 밥을 먹고 살았다.", "그는 평생 C# 하나로 밥을 먹고 살았다."),
        Pair("아버지가 방에 들어가시는 소리를 들었다.", "아버지 가방에 들어가시는 소리를 들었다."),
        Pair("오늘 밤 나무 사이로 차가운 바람이 분다.", "오늘 밤나무 사이로 차가운 바람이 분다."),
        Pair("우리의 길은 정말 여기서 끝나는 것일까?", "우리의 길은 정말 여기서 끝나는 것일까."),
        Pair("네가 보낸 ❤️ 하나로 나는 긴 겨울을 났다.", "네가 보낸 💔 하나로 나는 긴 겨울을 났다."),
        Pair("그 약속은 3:30에 만나자는 것이었다고 한다.",
             "그 약속은 330에 만나자는 것이었다고 한다."),
        Pair("서울 시장 애인 가게에서 국수를 먹었다고 한다.",
             "서울시 장애인 가게에서 국수를 먹었다고 한다."),
    ],
}  # fmt: skip
