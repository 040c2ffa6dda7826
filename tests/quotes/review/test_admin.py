"""Reviewing through the pages of the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.models import Quote, Review
from tests.factories import make_quote, make_user

LIST = "/admin/quotes/quote/"


def seen(quote: Quote) -> str:
    return f"{quote.pk}:{quote.version}:{quote.state.value}"


def act(client: Client, action: str, *quotes: Quote, **more):
    """Submits the list's form with these quotes selected."""
    form = {
        "action": action,
        "index": 0,
        "_selected_action": [quote.pk for quote in quotes],
        "seen": [seen(quote) for quote in quotes],
    }
    return client.post(LIST, form | more, follow=True)


def messages_of(response) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in response.context["messages"]]


def states() -> list[str]:
    return [quote.state.value for quote in Quote.objects.order_by("id")]


STALE = "The line has changed since you saw it. Look at it again."


def test_anonymous_and_normal_users_are_redirected_to_the_sign_in(client, alice):
    assert client.get(LIST)["Location"] == f"/admin/login/?next={LIST}"
    client.force_login(alice)
    assert client.get(LIST).status_code == 302


def test_staff_without_the_permission_are_kept_out(client, alice):
    quote = make_quote(alice)
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert act(client, "apply", quote).status_code == 403
    assert states() == ["pending"]


def test_staff_with_view_permission_have_no_actions(client, alice):
    quote = make_quote(alice)
    viewer = make_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_quote"))
    client.force_login(viewer)
    assert b'value="apply"' not in client.get(LIST).content
    assert b'value="apply"' not in client.get(f"{LIST}{quote.pk}/change/").content
    act(client, "apply", quote)
    assert states() == ["pending"]


def test_list_contains_the_versions_it_shows(as_reviewer, alice):
    quote = make_quote(alice, "A line", speaker="Somebody", version=3)
    page = as_reviewer.get(LIST).content.decode()
    assert f'<input type="hidden" name="seen" value="{quote.pk}:3:pending">' in page
    for shown in ("A line", "Somebody", "in review", "alice@example.com"):
        assert shown in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "pending"}, {"one"}),
        ({"state": "applied"}, {"two"}),
        ({"state": "declined"}, {"three"}),
        ({"state": "nonsense"}, {"one", "two", "three"}),
        ({"language": "ko"}, {"two"}),
        ({"q": "bob"}, {"two"}),
        ({"q": "thr"}, {"three"}),
    ],
)
def test_list_filters_and_searches(as_reviewer, alice, bob, query, expected):
    make_quote(alice, "one")
    make_quote(bob, "two", is_apply=True, language="ko")
    make_quote(alice, "three", declined_at=timezone.now())
    shown = as_reviewer.get(LIST, query).context["cl"].result_list
    assert {quote.content for quote in shown} == expected


def test_applies_several_at_once(as_reviewer, reviewer, alice, bob):
    quotes = [make_quote(alice), make_quote(bob), make_quote(bob)]
    response = act(as_reviewer, "apply", *quotes[:2])
    assert messages_of(response) == [("success", "2 lines are on the board now.")]
    assert states() == ["applied", "applied", "pending"]
    assert set(Review.objects.values_list("quote", "reviewer", "to_state")) == {
        (quotes[0].pk, reviewer.pk, "applied"),
        (quotes[1].pk, reviewer.pk, "applied"),
    }


def test_declining_asks_a_reason(as_reviewer, reviewer, alice):
    quotes = [make_quote(alice, "First <b>"), make_quote(alice, "Second", is_apply=True)]
    page = act(as_reviewer, "decline", *quotes)
    assert states() == ["pending", "applied"]
    text = page.content.decode()
    assert "First &lt;b&gt;" in text
    assert "Second" in text
    for quote in quotes:
        assert f'<input type="hidden" name="_selected_action" value="{quote.pk}">' in text
        assert f'<input type="hidden" name="seen" value="{seen(quote)}">' in text

    form = {
        "action": "decline",
        "_selected_action": [quote.pk for quote in quotes],
        "seen": [seen(quote) for quote in quotes],
        "reason": " Not in the book ",
    }
    response = as_reviewer.post(LIST, form, follow=True)
    assert messages_of(response) == [("success", "2 lines are declined.")]
    assert states() == ["declined", "declined"]
    assert set(Review.objects.values_list("reviewer", "from_state", "to_state", "reason")) == {
        (reviewer.pk, "pending", "declined", "Not in the book"),
        (reviewer.pk, "applied", "declined", "Not in the book"),
    }


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ("  ", "This field is required."),
        ("x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ],
)
def test_asks_again_for_a_bad_reason(as_reviewer, alice, reason, complaint):
    quote = make_quote(alice)
    response = act(as_reviewer, "decline", quote, reason=reason)
    assert complaint in response.content.decode()
    assert seen(quote) in response.content.decode()
    assert states() == ["pending"]


@pytest.mark.parametrize("action", ["apply", "decline"])
def test_a_stale_review_is_refused_by_name_and_the_others_succeed(as_reviewer, alice, action):
    stale, fresh = make_quote(alice, "Edited since"), make_quote(alice, "Not edited")
    form = {"seen": [seen(stale), seen(fresh)], "reason": "No"}
    stale.content = "Edited now"
    Quote.objects.filter(pk=stale.pk).update(content="Edited now", version=2, **stale.derived())
    response = act(as_reviewer, action, stale, fresh, **form)
    assert messages_of(response)[0] == ("error", f"{STALE} “Edited now”")
    assert messages_of(response)[1][0] == "success"
    assert states()[0] == "pending"
    assert states()[1] != "pending"


@pytest.mark.parametrize("given", [[], ["nonsense"], ["1:2"], ["x:1:pending"]])
def test_what_was_not_seen_is_not_reviewed(as_reviewer, alice, given):
    quote = make_quote(alice, "Unseen")
    response = act(as_reviewer, "apply", quote, seen=given)
    assert messages_of(response) == [("error", f"{STALE} “Unseen”")]
    assert states() == ["pending"]


@pytest.mark.parametrize("action", ["apply", "decline"])
def test_selecting_all_pages_reviews_nothing(as_reviewer, alice, action):
    """Not even the lines that were seen, so that the result is clear."""
    quotes = [make_quote(alice, f"Number {n}") for n in range(1, 8)]
    response = act(as_reviewer, action, quotes[0], select_across=1, reason="Because")
    [(level, text)] = messages_of(response)
    assert level == "error"
    assert text.startswith("Nothing was reviewed. Only lines that you have seen can be")
    assert states() == ["pending"] * 7
    assert not Review.objects.exists()


def test_its_refusal_reads_no_line(as_reviewer, alice):
    """For any number of lines: each would cost a transaction."""
    counts = []
    for more in (1, 40):
        quotes = [make_quote(alice) for _ in range(more)]
        form = {"action": "apply", "index": 0, "_selected_action": [quotes[0].pk]}
        with CaptureQueriesContext(connection) as queries:
            as_reviewer.post(LIST, form | {"select_across": 1})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_reviewing_a_page_locks_one_line_at_a_time(client, staff, alice):
    quotes = [make_quote(alice) for _ in range(100)]
    client.force_login(staff)
    form = {"seen": [seen(quote) for quote in quotes], "action": "apply", "index": 0}
    form["_selected_action"] = [quote.pk for quote in quotes]
    with CaptureQueriesContext(connection) as queries:
        client.post(LIST, form)
    assert states() == ["applied"] * 100
    text = "\n".join(query["sql"] for query in queries)
    parts = text.split("RELEASE SAVEPOINT")  # in a test, in place of COMMIT
    assert max(part.count('UPDATE "quotes_quote"') for part in parts) == 1


def test_a_withdrawn_quote_is_reported(as_reviewer, alice):
    gone, there = make_quote(alice), make_quote(alice)
    Quote.objects.filter(pk=gone.pk).delete()
    response = act(as_reviewer, "apply", gone, there)
    assert messages_of(response) == [
        ("error", "1 line is no longer in this list: it was reviewed, edited or withdrawn."),
        ("success", "1 line is on the board now."),
    ]


def test_an_applied_one_is_not_applied_again(as_reviewer, alice):
    response = act(as_reviewer, "apply", make_quote(alice, "There", is_apply=True))
    assert messages_of(response) == [("error", "The line is in this state already. “There”")]
    assert not Review.objects.exists()


@pytest.mark.parametrize("action", ["apply", "decline"])
def test_nobody_reviews_their_own_not_even_a_superuser(client, staff, action):
    client.force_login(staff)
    response = act(client, action, make_quote(staff, "My own"), reason="Because")
    assert messages_of(response) == [("error", "You may not review your own submission. “My own”")]
    assert states() == ["pending"]


def test_a_page_of_its_own_shows_the_history_and_the_buttons(as_reviewer, alice, bob):
    quote = make_quote(alice, "A line")
    Review.objects.create(
        quote=quote, reviewer=bob, from_state="applied", to_state="declined", reason="x", version=1
    )
    page = as_reviewer.get(f"{LIST}{quote.pk}/change/").content.decode()
    for shown in (
        "A line",
        "alice@example.com",
        "bob@example.com",
        "applied → declined",
        f'<input type="hidden" name="seen" value="{quote.pk}:1:pending">',
        f'<input type="hidden" name="_selected_action" value="{quote.pk}">',
        f'name="action" value="apply" formaction="{LIST}"',
        f'name="action" value="decline" formaction="{LIST}"',
    ):
        assert shown in page
    for hidden in ("_save", "_continue", 'name="content"', "deletelink"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("fields", "applies", "declines"),
    [({"is_apply": True}, False, True), ({"declined_at": timezone.now()}, True, False)],
)
def test_a_page_offers_what_can_be_done(as_reviewer, alice, fields, applies, declines):
    quote = make_quote(alice, **fields)
    page = as_reviewer.get(f"{LIST}{quote.pk}/change/").content.decode()
    assert ('value="apply"' in page) is applies
    assert ('value="decline"' in page) is declines


def test_applies_from_a_page_of_its_own(as_reviewer, alice):
    quote = make_quote(alice)
    form = {"action": "apply", "_selected_action": quote.pk, "seen": seen(quote)}
    form |= {"reviews-TOTAL_FORMS": "0", "reviews-INITIAL_FORMS": "0"}
    response = as_reviewer.post(LIST, form, follow=True)
    assert messages_of(response) == [("success", "1 line is on the board now.")]
    assert states() == ["applied"]


def test_staff_change_no_text_and_add_none(client, staff, alice):
    quote = make_quote(alice, "A line")
    client.force_login(staff)
    form = {"content": "Other", "is_apply": "on"}
    assert client.post(f"{LIST}{quote.pk}/change/", form).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}add/", form).status_code == 403
    assert [(q.content, q.is_apply) for q in Quote.objects.all()] == [("A line", False)]


def test_who_may_delete_quotes_deletes_their_history_too(as_reviewer, reviewer, alice):
    reviewer.user_permissions.add(Permission.objects.get(codename="delete_quote"))
    quote = make_quote(alice)
    Review.objects.create(quote=quote, from_state="pending", to_state="applied", version=1)
    assert "deletelink" in as_reviewer.get(f"{LIST}{quote.pk}/change/").content.decode()
    as_reviewer.post(f"{LIST}{quote.pk}/delete/", {"post": "yes"})
    assert not Quote.objects.exists()
    assert not Review.objects.exists()


def test_without_that_permission_nothing_is_deleted(as_reviewer, alice):
    quote = make_quote(alice)
    assert as_reviewer.post(f"{LIST}{quote.pk}/delete/", {"post": "yes"}).status_code == 403
    act(as_reviewer, "delete_selected", quote, post="yes")
    assert Quote.objects.exists()


def test_the_history_is_read_only(client, staff, alice, bob):
    review = Review.objects.create(
        quote=make_quote(alice, "A line"),
        reviewer=bob,
        from_state="pending",
        to_state="applied",
        version=1,
    )
    client.force_login(staff)
    base = "/admin/quotes/review/"
    assert "A line" in client.get(base).content.decode()
    page = client.get(f"{base}{review.pk}/change/").content.decode()
    for hidden in ("_save", "deletelink"):
        assert hidden not in page
    assert client.post(f"{base}{review.pk}/change/", {"to_state": "declined"}).status_code == 403
    assert client.post(f"{base}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{base}add/").status_code == 403
    client.post(base, {"action": "delete_selected", "index": 0, "_selected_action": [review.pk]})
    assert Review.objects.get().to_state == "applied"


@pytest.mark.parametrize("path", [LIST, "/admin/quotes/review/"])
def test_query_counts_are_constant(client, staff, path):
    client.force_login(staff)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            quote = make_quote(make_user())
            Review.objects.create(
                quote=quote,
                reviewer=quote.user,
                from_state="pending",
                to_state="pending",
                version=1,
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(path)
        assert len(response.context["cl"].result_list) == Quote.objects.count()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_page_has_an_inline_script(as_reviewer, alice):
    quote = make_quote(alice)
    for page in (as_reviewer.get(f"{LIST}{quote.pk}/change/"), act(as_reviewer, "decline", quote)):
        text = page.content.decode()
        assert "<script>" not in text
        assert "onclick" not in text
