"""Sample conversations and lines for screenshots. `seeded` runs it in `manage.py shell`."""

from datetime import timedelta
from typing import Any

from tests.e2e.conftest import Site

WRITING = "a1b2c3d4-0000-4000-8000-000000000000"


def seeded(site: Site, email: str, language: str) -> dict[str, str]:
    """Creates conversations and submissions of a user; returns the paths of the conversations."""
    site.manage("shell", "-c", f"from tests.e2e.seed import plant; plant({email!r}, {language!r})")
    names = ("cited", "chat", "failed", "stopped", "writing")
    return {name: f"/c/{conversation_id(email, name)}" for name in names}


def conversation_id(email: str, name: str) -> int:
    """The id of a conversation, computed so that it is known without a query."""
    number = sum(ord(letter) << (shift % 8) for shift, letter in enumerate(email))
    return number * 10 + tuple(TEXTS["ko"]).index(name)


TEXTS = {
    "ko": {
        "cited": (
            "윤동주의 서시에서 부끄럼에 대한 대사를 알려 줘",
            (
                "윤동주는 〈서시〉를 이런 다짐으로 엽니다.\n\n"
                "> “죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를”\n\n"
                "**“한 점 부끄럼이 없기를”**이라는 말만 따로 인용되기도 합니다. 이어서 "
                "“잎새에 이는 바람에도 나는 몹시 괴로워했다”며 작은 일에도 흔들리는 마음을 "
                "고백합니다. 흔히 “별 하나에 부끄럼 하나”라고 옮기는 말은 이 시에 없습니다.\n\n"
                "햄릿의 마지막 말과 나란히 읽어도 좋습니다: “The rest is silence.” — 맥베스"
            ),
        ),
        "chat": ("이 대사들을 표와 코드로 정리해 줘", None),
        "failed": ("햄릿의 독백을 처음부터 끝까지 들려줘", ""),
        "writing": (
            "용기를 주는 대사를 골라 줘",
            "용기는 두려움이 없는 것이 아니라, 두려움보다 중요한 것이 있다고",
        ),
        "stopped": (
            "햄릿의 명대사를 순서대로 들려줘",
            "1. “To be, or not to be: that is the question”\n2.",
        ),
        "older": ("비 오는 날 어울리는 대사 하나 골라 줘", "“비가 온다.”"),
    },
    "en": {
        "cited": (
            "Which line speaks of shame in Yun Dong-ju's Prologue?",
            (
                "Yun Dong-ju opens the poem with this vow:\n\n"
                "> “죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를”\n\n"
                "He goes on with a heart that trembles at small things: “잎새에 이는 바람에도 "
                "나는 몹시 괴로워했다”. Often only “한 점 부끄럼이 없기를” is quoted. "
                "What is added, “one star, one shame for each”, is not in the poem.\n\n"
                "Read it beside “The rest is silence.” — Macbeth"
            ),
        ),
        "chat": ("Put these lines into a table and into code", None),
        "failed": ("Recite all of Hamlet's soliloquy", ""),
        "writing": (
            "Pick a line that gives courage",
            "Courage is not the absence of fear, but",
        ),
        "stopped": (
            "Hamlet's best lines, in their order",
            "1. “To be, or not to be: that is the question”\n2.",
        ),
        "older": ("A line for a rainy day", "“It rains.”"),
    },
}
MARKED = """1. **Plainly**, as in `say(line)`
2. With a table, which may be wide

| Line | Speaker | Work | Year | Where it is said and why it matters |
|---|---|---|---|---|
| 잎새에 이는 바람에도 나는 괴로워했다. | 윤동주 | 서시 | 1941 | the second line of the poem |
| To be, or not to be | Hamlet | Hamlet | 1601 | act three, scene one |

```python
def say(line: str) -> str:
    return f"{line} and a very long line of code that scrolls inside of its own box"
```

See https://example.com/a/very/long/address/that/never/ends/and/has/no/spaces/at/all/in/it
"""


def plant(email: str, language: str) -> None:
    """Runs inside the site's own Django."""
    from accounts.models import User  # noqa: PLC0415

    user = User.objects.get(email=email)
    for age, name in enumerate(TEXTS[language]):
        _plant_conversation(user, name, age, *TEXTS[language][name])
    _plant_lines(user)


def _plant_conversation(user: Any, name: str, age: int, question: str, answer: str | None) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from chat.models import Chat, Conversation, Reply  # noqa: PLC0415

    number = conversation_id(user.email, name)
    conversation = Conversation.objects.create(
        pk=number, user=user, title=question[:60], pinned=name in {"cited", "older"}
    )
    when = timezone.now() - timedelta(minutes=age, days=3 if name == "older" else 0)
    Conversation.objects.filter(pk=number).update(created_at=when)
    chat = Chat.objects.create(user=user, conversation=conversation, content=question)
    reply = Reply.objects.create(
        user=user,
        chat=chat,
        model="gpt-4o-mini",
        content=MARKED if answer is None else answer,
        status={"failed": "failed", "stopped": "stopped", "writing": "streaming"}.get(name, "done"),
        charged_day=None if name == "failed" else timezone.localdate(),
    )
    if name == "writing":
        # No process writes it. The server would say so before a slow machine has come to it.
        in_an_hour = timezone.now() + timedelta(hours=1)
        Reply.objects.filter(pk=reply.pk).update(heartbeat_at=in_an_hour)
    # The conversation with citations has two answers.
    if name == "cited":
        Reply.objects.create(user=user, chat=chat, model="board", content="…", status="done")
    later = timedelta(minutes=1 if name == "cited" else 0)
    Chat.objects.filter(pk=chat.pk).update(chat_reply=reply, updated_at=chat.created_at + later)
    _plant_citations(reply)


def plant_long(email: str, chats: int, words: str) -> int:
    """A conversation with so many chats, each following the one before; returns its id. The
    question of the first is `words`, if there are any.
    """
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from chat.models import Chat, Conversation, Reply  # noqa: PLC0415

    user = User.objects.get(email=email)
    conversation = Conversation.objects.create(user=user, title="A long one")
    parent = None
    for number in range(1, chats + 1):
        content = words if words and number == 1 else f"Question {number}"
        parent = Chat.objects.create(
            user=user, conversation=conversation, content=content, parent=parent
        )
        answer = f"Answer {number}.\n\n" * 5
        reply = Reply.objects.create(
            user=user,
            chat=parent,
            model="board",
            content=answer,
            status="done",
            charged_day=timezone.localdate(),
        )
        Chat.objects.filter(pk=parent.pk).update(chat_reply=reply, updated_at=parent.created_at)
    return conversation.pk


def plant_rows() -> None:
    """A row with long values in each list of the administration."""
    from django.utils import timezone  # noqa: PLC0415

    from accounts import trail  # noqa: PLC0415
    from accounts.joining.models import Invitation  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415
    from chat.models import DailyUsage, SiteUsage  # noqa: PLC0415
    from quotes.models import Quote, Review, StaffJob  # noqa: PLC0415
    from tests.factories import make_personal_token  # noqa: PLC0415

    email = "somebody.with.a.long.name.and.more@mail.of.a.company.example.com"
    user = User.objects.create(
        email=email, nickname="Somebody with a long nickname", last_login=timezone.now()
    )
    today = timezone.localdate()
    plant_answers(email, 1, "“Words that nobody has said”")
    DailyUsage.objects.create(user=user, day=today, used=3, refunded=2)
    SiteUsage.objects.create(day=today, used=12345, budget=100_000)
    Invitation.objects.create(email=email, inviter=user, uses=100, expires_at=timezone.now())
    make_personal_token(user, name="A program with a long name that says what it does")
    trail.record(user, trail.Kind.PASSWORD_CHANGED, reason="by_staff", actor=user)
    quote = Quote.objects.create(
        user=user, content="A line that goes on for a while. " * 8, speaker="A speaker " * 6,
        source="The title of a long work " * 4, language="en", likes=12345,
    )  # fmt: skip
    Review.objects.create(
        quote=quote, reviewer=user, from_state="pending", to_state="declined", version=1
    )
    StaffJob.objects.create(started_by=user, kind="import", language="en", state="done")


def plant_answers(email: str, count: int, text: str) -> None:
    """A conversation "Long answers" with so many of them. What is in “ ” is cited."""
    import re  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from chat.models import Chat, Citation, Conversation, Reply  # noqa: PLC0415

    user = User.objects.get(email=email)
    conversation = Conversation.objects.create(user=user, title="Long answers")
    parent = None
    for number in range(count):
        parent = Chat.objects.create(
            user=user, conversation=conversation, content=f"Question {number}", parent=parent
        )
        reply = Reply.objects.create(
            user=user, chat=parent, model="board", content=text, status="done"
        )
        Citation.objects.bulk_create(
            Citation(reply=reply, text=one[1], start=one.start(1), end=one.end(1),
                     verdict="unknown")
            for one in re.finditer("“([^”]+)”", text)
        )  # fmt: skip
        Chat.objects.filter(pk=parent.pk).update(chat_reply=reply, updated_at=parent.created_at)


def _plant_citations(reply: Any) -> None:
    """The verdicts of the server's own verification."""
    from chat.models import Citation  # noqa: PLC0415
    from quotes.verification.verify import verify  # noqa: PLC0415

    for judged in verify(reply.content, [], question=reply.chat.content):
        Citation.objects.create(
            reply=reply,
            quote_id=judged.line.id if judged.line else None,
            text=judged.span.text,
            start=judged.span.start,
            end=judged.span.end,
            verdict=judged.verdict,
            match=judged.match,
            difference=judged.difference,
            notes=list(judged.notes),
        )


def _plant_lines(user: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from quotes.models import Quote  # noqa: PLC0415

    Quote.objects.create(user=user, content="우리는 모두 별의 먼지입니다.", language="ko")
    Quote.objects.create(
        user=user,
        content="내일 지구가 멸망하더라도 나는 오늘 한 그루의 사과나무를 심겠다.",
        speaker="스피노자",
        language="ko",
        reason="화자가 이 말을 했다는 출처를 찾을 수 없습니다.",
        declined_at=timezone.now(),
    )


def spend(email: str, used: int = 5) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from chat.models import DailyUsage  # noqa: PLC0415

    user = User.objects.get(email=email)
    DailyUsage.objects.update_or_create(
        user=user, day=timezone.localdate(), defaults={"used": used}
    )


def make_stale(email: str) -> None:
    """The user's sign-ins were an hour ago, so that the next dangerous action asks to confirm."""
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415

    owner = str(User.objects.get(email=email).pk)
    for key in Session.objects.values_list("pk", flat=True):
        session = SessionStore(key)
        if session.get("_auth_user_id") == owner:
            for record in session["account_authentication_methods"]:
                record["at"] -= 3600
            session.save()
