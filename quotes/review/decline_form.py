"""The form for declining a line, with common reasons in each language of the site: the submitter
may speak another language than the reviewer.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info, gettext, override
from django.utils.translation import gettext_lazy as _

from config.forms import TextField

COMMON_REASONS = (
    _("This line is on the board already."),
    _("The line cannot be found in the work that you name."),
    _("Please name the speaker and the work."),
    _("The wording differs from the original. Please copy it word for word."),
    _("This is not a line that somebody has said or written."),
    _("The line attacks people, or is not fit for everybody."),
    _("The line is too long. Please choose the words that matter."),
)
_Group = tuple[str, list[tuple[str, str]]]


def reason_choices(first: str) -> Sequence[tuple[str, str] | _Group]:
    """The options of a select, grouped by language. `first` is the line's language (`ko`, `en-gb`);
    where it is "", the reviewer's goes first.
    """
    language = (first or get_language() or "").partition("-")[0]
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != language)
    groups: list[tuple[str, str] | _Group] = [("", gettext("A reason that is often given"))]
    for code in codes:
        with override(code):
            texts = [str(reason) for reason in COMMON_REASONS]
        name = str(get_language_info(code)["name_local"])
        groups.append((name, [(text, text) for text in texts]))
    return groups


class DeclineForm(forms.Form):
    """A common reason, or one in the reviewer's own words."""

    often = forms.ChoiceField(label=_("Reason"), required=False)
    reason = TextField(
        label=_("In your own words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("The users who submitted the lines can read it."),
    )

    def __init__(self, *args: Any, language: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["often"].choices = reason_choices(language)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "reason" in given:
            given["reason"] = given["reason"] or given.get("often", "")
            if not given["reason"]:
                self.add_error("reason", gettext("This field is required."))
        return given
