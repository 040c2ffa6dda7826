"""The parsers of the product: whatever reads a text of a model, a person or a file, as a function
of that one text. `BOUNDED` ones are never given longer texts than that.
"""

from collections.abc import Iterator
from functools import partial
from types import FunctionType

from accounts import nicknames, user_agents
from accounts.addresses import canonical_form, codes
from accounts.api.join import JoinSerializer
from accounts.api.tokens import LoginSerializer
from accounts.joining import invitations
from accounts.models import UserManager
from accounts.passwords import keyboard, rules
from accounts.passwords.normalization import normalize_password, possible_forms
from accounts.personal_tokens import secret
from chat import search_text, token_estimate
from chat.answering import (
    board_model,
    citations,
    follow_ups,
    model_lines,
    prompts,
    quotation,
    small_talk,
    titles,
)
from chat.answering.quote_ids import BEFORE
from chat.api.conversation_outputs import ConversationSerializer
from chat.api.inputs import AskSerializer, ChatFilterSerializer
from chat.history import markdown
from chat.models import Reply
from chat.stored.keys import same_question
from chat.turns.store_start import title_of
from chat.upstream import error_mapping, finish_reasons, lenient_json, too_long
from chat.upstream.response_body import ChunkedDecoder
from chat.upstream.sse import EventDecoder
from config import file_names, hangul, providers, unicode
from config import text as config_text
from config.api.preferences import preferences
from config.budget import Budget
from fakeopenai import completion
from quotes.api.serializers import BoardFilters, SimilarInput
from quotes.glosses import checks
from quotes.importing import findings, importer, rows
from quotes.search import asked_name, query_text
from quotes.search.find import Found
from quotes.text import input as quote_input
from quotes.text import (
    markdown_code,
    normalization,
    search_columns,
    spreadsheet,
    tokenizer,
    transliteration,
)
from quotes.text.input import QuoteInput
from quotes.verification import (
    align,
    attribution,
    claims,
    compare,
    forms,
    judgement,
    letters,
    names,
    parts,
    reading,
    spans,
)
from quotes.verification import markdown as verification_markdown
from tests.architecture.linear.adapters import (
    ASKED,
    LINE,
    check_array,
    check_file,
    checked,
    claimed,
    completed,
    corrections,
    filtered,
    gloss,
    grown,
    header,
    idempotency_key_of,
    in_pieces,
    json_body,
    json_value,
    mended,
    negotiated,
    nickname,
    odd_json,
    odd_json_in_quotes,
    open_code,
    token,
    with_lines,
)
from tests.architecture.linear.expressions import modules
from tests.architecture.linear.timing import Work

HEADER = 8190  # gunicorn's `limit_request_field_size`
QUESTION = 1000  # `quotes.search.query_text` looks at no more
FEW = 10_000  # takes some time for each line or mark, and no more for many


PARSERS: dict[str, Work] = {
    "quotes.text.markdown_code.code_ranges": markdown_code.code_ranges,
    "quotes.verification.reading.read": reading.read,
    "quotes.verification.markdown.shown_for": verification_markdown.shown_for,
    "the spans of an answer": lambda text: spans.find_spans(reading.read(text), Budget()),
    "the parts of a span": lambda text: parts.parts_of(text, 0, len(text)),
    "quotes.verification.letters.letters_of": letters.letters_of,
    "an alignment": lambda text: align.align(LINE, text, 0, len(text)),
    "quotes.text.normalization.exact": normalization.exact,
    "quotes.text.normalization.folded": normalization.folded,
    "quotes.text.normalization.skeleton": normalization.skeleton,
    "quotes.text.normalization.skeleton_hash": normalization.skeleton_hash,
    "quotes.text.search_columns.name_hash": search_columns.name_hash,
    "quotes.text.tokenizer.tokens": tokenizer.tokens,
    "quotes.text.tokenizer.runs_of": tokenizer.runs_of,
    "config.hangul.has_hangul": hangul.has_hangul,
    "quotes.text.input.guess_language": quote_input.guess_language,
    "quotes.text.spreadsheet.spreadsheet_safe": spreadsheet.spreadsheet_safe,
    "quotes.text.spreadsheet.from_spreadsheet": spreadsheet.from_spreadsheet,
    "quotes.search.query_text.without_question_words": query_text.without_question_words,
    "quotes.search.query_text.genre_of": query_text.genre_of,
    "quotes.search.query_text.is_follow_up": query_text.is_follow_up,
    "quotes.search.query_text.is_small": query_text.is_small,
    "quotes.search.query_text.asks_for_another": query_text.asks_for_another,
    "quotes.search.query_text.asks_for_line_of_day": query_text.asks_for_line_of_day,
    "quotes.search.query_text.refers_to": query_text.refers_to,
    "quotes.search.asked_name.asked_names": asked_name.asked_names,
    "chat.answering.board_model.language_of": board_model.language_of,
    "chat.answering.small_talk.small_talk_of": small_talk.small_talk_of,
    "quotes.search.query_text.respelled": query_text.respelled,
    "quotes.verification.judgement.is_long_enough": judgement.is_long_enough,
    "quotes.verification.judgement.is_sentence": judgement.is_sentence,
    "quotes.verification.compare.without_look_alikes": compare.without_look_alikes,
    "quotes.verification.compare.without_notes": compare.without_notes,
    "quotes.verification.compare.without_slashes": compare.without_slashes,
    "quotes.verification.compare.unexplained": lambda text: list(compare.unexplained(text)),
    "quotes.text.normalization.hash_of_skeleton": normalization.hash_of_skeleton,
    "config.text.has_direction": config_text.has_direction,
    "quotes.verification.compare.has_negation": compare.has_negation,
    "is_equal": lambda text: compare.is_equal(text, LINE),
    "is_equal to itself": lambda text: compare.is_equal(text, text),
    "is_part": lambda text: compare.is_part(text, LINE),
    "words_left_out": lambda text: compare.words_left_out(text, LINE),
    "quotes.verification.names.head_of": names.head_of,
    "quotes.verification.names.is_name_like": names.is_name_like,
    "quotes.verification.names.is_person": names.is_person,
    "quotes.verification.names.variants": lambda text: list(names.variants(text)),
    "quotes.verification.names.without_lead": names.without_lead,
    "quotes.verification.names.without_korean_office": names.without_korean_office,
    "quotes.verification.names.is_korean_person": names.is_korean_person,
    "quotes.verification.names.has_other_part": names.has_other_part,
    "quotes.verification.names.script_of": names.script_of,
    "quotes.text.transliteration.consonants": transliteration.consonants,
    "quotes.text.transliteration.east_asian_syllables": transliteration.east_asian_syllables,
    "quotes.text.transliteration.rough_consonants": transliteration.rough_consonants,
    "quotes.verification.names.plain": names.plain,
    "quotes.verification.names.has_hangul_name": names.has_hangul_name,
    "quotes.verification.forms.credit_in": lambda text: list(forms.credit_in(text)),
    "quotes.verification.claims.asks_for_lines": claims.asks_for_lines,
    "credits": lambda text: attribution.credits_in(text, 0, len(text)),
    "claims": claimed,
    "mend": mended,
    "config.file_names.file_name": file_names.file_name,
    "chat.history.markdown.plain": markdown.plain,
    "chat.history.markdown.plain_line": markdown.plain_line,
    "chat.history.markdown.quoted": markdown.quoted,
    "chat.history.markdown.without_html": markdown.without_html,
    "chat.turns.store_start.title_of": title_of,
    "chat.answering.model_lines.language_for": model_lines.language_for,
    "chat.answering.model_lines.lines_of": model_lines.lines_of,
    "a model's title": lambda text: titles.read_title(text, question=text),
    "questions to follow": lambda text: follow_ups.read_follow_ups(text, question=text),
    "chat.stored.keys.same_question": same_question,
    "chat.answering.citations.not_judged": citations.not_judged,
    "chat.token_estimate.most_tokens": token_estimate.most_tokens,
    "chat.upstream.too_long.is_too_long": too_long.is_too_long,
    "ids": lambda text: with_lines(text, size=65536),
    "ids in small pieces": lambda text: with_lines(text, size=3),
    "code that is open": open_code,
    "a quotation's place": lambda text: quotation.quotation(LINE, text),
    "a quotation's source": lambda text: quotation.is_source_of(text, LINE),
    "build_messages": lambda text: prompts.build_messages(
        system_prompt=text,
        found=[Found(1, text, text, text)],
        history=prompts.turns_in([{"role": "user", "content": text}]),
        question=text,
    ),
    "a growing text": grown,
    "written": lambda text: Reply(content=text, corrections=corrections(text)).written,
    "events": in_pieces(EventDecoder, 65536),
    "events in small pieces": in_pieces(EventDecoder, 3),
    "a stream": lambda text: completed(text, beginning=b"data: "),
    "a JSON answer": lambda text: completed(text, beginning=b"{"),
    "reasoning": lambda text: filtered(text, size=65536),
    "reasoning in small pieces": lambda text: filtered(text, size=3),
    "reasoning that is open": lambda text: filtered("<think>" + text, size=3),
    "chat.upstream.lenient_json.values_of": odd_json,
    "odd JSON in quotes": odd_json_in_quotes,
    "repaired text": lambda text: lenient_json.TextRepair().feed(text, is_last=True),
    "a finish reason": finish_reasons.known_reason,
    "chunks": in_pieces(ChunkedDecoder, 65536),
    "chunks in small pieces": in_pieces(ChunkedDecoder, 3),
    "a refusal": lambda text: error_mapping.from_response(
        status=400, headers={}, body=text.encode()
    ),
    "an error event": lambda text: error_mapping.from_event({"message": text, "code": [text]}),
    "chat.upstream.error_mapping.seconds_of": error_mapping.seconds_of,
    "fakeopenai.completion.words": completion.words,
    "a fake answer": lambda text: completion.complete(
        {"model": "fake", "messages": [{**ASKED, "content": text}]}, delay=0
    ),
    **{
        f"normalize {form}": partial(unicode.normalize, form)
        for form in ("NFC", "NFD", "NFKC", "NFKD")
    },
    "config.text.stored": config_text.stored,
    "config.text.one_line": config_text.one_line,
    "config.text.faithful": config_text.faithful,
    "config.text.comparable": config_text.comparable,
    "config.text.searchable": config_text.searchable,
    "config.text.without_invisible": config_text.without_invisible,
    "config.text.is_blank": config_text.is_blank,
    "config.text.is_refused": lambda text: config_text.is_refused(text, multiline=True),
    "config.api.parsers.read_json": json_value,
    "accounts.addresses.canonical_form.canonical": canonical_form.canonical,
    "accounts.addresses.codes.typed_code": codes.typed_code,
    "accounts.joining.invitations.digest_of": invitations.digest_of,
    "accounts.personal_tokens.secret.is_well_formed": secret.is_well_formed,
    "accounts.user_agents.program_of": user_agents.program_of,
    "accounts.user_agents.system_of": user_agents.system_of,
    "config.providers.is_safe": providers.is_safe,
    "accounts.passwords.keyboard.fold": keyboard.fold,
    "accounts.passwords.keyboard.is_walk": keyboard.is_walk,
    "accounts.passwords.keyboard.keys_of": keyboard.keys_of,
    "accounts.nicknames.clean_nickname": nickname,
    "accounts.nicknames.is_reserved": nicknames.is_reserved,
    "accounts.passwords.normalization.normalize_password": normalize_password,
    "accounts.passwords.normalization.possible_forms": possible_forms,
    "accounts.passwords.rules.is_simple": rules.is_simple,
    "chat.search_text.search_text": search_text.search_text,
    "JSON": json_body,
    "normalize_email": UserManager.normalize_email,
    "join": checked(JoinSerializer, "email", "password", "nickname"),
    "login": checked(LoginSerializer, "email", "password"),
    "a question": checked(AskSerializer, "content", "system_prompt", "model"),
    "a search of the history": checked(ChatFilterSerializer, "q"),
    "a conversation": checked(ConversationSerializer, "title", "system_prompt"),
    "a line": checked(QuoteInput, "content", "speaker", "source", "context", "language"),
    "a line that is like others": checked(SimilarInput, "content"),
    "a search of the board": checked(BoardFilters, "q", "speaker", "source", "language"),
    "lines of CSV": lambda text: check_file(text, is_csv=True),
    "lines of JSON": lambda text: check_file(text, is_csv=False),
    "an array of JSON": check_array,
    "quotes.importing.findings.shortened": findings.shortened,
    "quotes.importing.importer.is_csv": importer.is_csv,
    "quotes.importing.rows.column_of": rows.column_of,
    "quotes.glosses.checks.is_refusal": checks.is_refusal,
    "quotes.glosses.checks.script_of": checks.script_of,
    "a gloss": gloss,
    "difference": lambda text: compare.difference(text, text[::-1]),
    "Authorization": header("Authorization", token),
    "Idempotency-Key": header("Idempotency-Key", idempotency_key_of),
    "Accept": header("Accept", lambda request: request.get_preferred_type(["a/b", "text/html"])),
    "Accept of the API": header("Accept", negotiated),
    "config.api.preferences.preferences": preferences,
}
LINE_LENGTH = 1000  # characters of `Quote.content`
BOUNDED: dict[str, int] = {
    "a quotation's place": BEFORE,
    "a quotation's source": BEFORE,
    **{
        f"accounts.passwords.keyboard.{name}": rules.MAX_LENGTH
        for name in ("fold", "is_walk", "keys_of")
    },
    "accounts.passwords.rules.is_simple": rules.MAX_LENGTH,
    "quotes.verification.claims.asks_for_lines": QUESTION,
    "accounts.nicknames.is_reserved": nicknames.LONGEST,
    "difference": 2 * LINE_LENGTH,
    "a gloss": 2 * LINE_LENGTH,
    "Authorization": HEADER,
    "Idempotency-Key": HEADER,
    "Accept": HEADER,
    "Accept of the API": HEADER,
    "lines of CSV": FEW,
    "lines of JSON": FEW,
    "an array of JSON": FEW,
    "a growing text": FEW,
}
# What of a text matters to them is its length alone, or nearly so.
PLAIN = {
    *("a finish reason", "reasoning that is open", "odd JSON in quotes", "repaired text"),
    *("a growing text", "written", "events in small pieces", "chunks in small pieces", "mend"),
    *("lines of CSV", "lines of JSON", "an array of JSON", "a refusal", "build_messages"),
    *("ids in small pieces", "code that is open"),
}
# Functions of one text that read nothing of a model's, a person's or a file's.
OTHERS = {
    "chat.api.inputs.offered": "compared whole with names of a setting",
    "chat.api.attached.check_takes_files": "a name of a setting",
    "chat.api.attached.sees": "a name of a setting",
    "chat.api.attached.takes": "a name of a setting",
    "chat.attachments.discarding.expect": "a key of ours",
    "chat.attachments.discarding.keep": "a key of ours",
    "chat.attachments.files.delete": "a key of ours",
    "chat.attachments.files.is_key": "one expression, which is tried by itself",
    "chat.attachments.files.read": "a key of ours",
    "chat.metrics.uploaded": "a name of ours",
    "config.attachments.endpoint": "a setting",
    "config.backup.manifest.file_of": "the name of a table",
    "config.backup.scratch.scratch": "a setting",
    "config.environment.readable_file": "a setting",
    "config.environment.redis": "a setting",
    "config.healthcheck.host_name": "a setting",
    "config.redis_url.client": "a setting",
    "config.redis_url.connection_pool": "a setting",
    "config.redis_url.problem_of": "a setting",
    "config.redis_url.sentinels": "a setting",
    "config.telemetry_settings.collector": "a setting",
    "config.telemetry_settings.sentry_dsn": "a setting",
    "config.text.is_common": "one expression, which is tried by itself",
    "config.tracing.span": "a name of ours",
    "quotes.public.texts.plain": "a field of a line, of 1,000 characters at most",
    "chat.history.export.note_text": "a name of ours",
    "accounts.api.providers.is_own_path": "a text of LONGEST_URL at most, read by a library",
    "accounts.notices.conflict": "a name of ours",
    "accounts.notices.connected": "a name of ours",
    "accounts.notices.disconnected": "a name of ours",
    "accounts.providers.wire.basic": "a setting",
    "accounts.providers.wire.get": "an address that `config.providers.is_safe` has read",
    "accounts.providers.wire.manager_for": "an address that `config.providers.is_safe` has read",
    "accounts.addresses.ownership.holders": "an address in its one form, for a query",
    "accounts.addresses.change.change_of_key": "a key that a library reads",
    "accounts.addresses.codes.as_shown": "a code of ours",
    "accounts.authentication.owner_of_personal": "`is_well_formed`, and a query",
    "accounts.join.pending_join_of": "a key that a library reads",
    "accounts.join.pk_of_handle": "a handle of 4096 characters at most, read by a library",
    "accounts.joining.invitations.find_by_token": "`digest_of`, for a query",
    "accounts.mfa.encryption.decrypt": "a secret of ours",
    "accounts.mfa.encryption.encrypt": "a secret of ours",
    "accounts.mfa.encryption.renewed": "a secret of ours",
    "accounts.nicknames.refuse_reserved": "`is_reserved`, and an error",
    "accounts.personal_tokens.secret.checksum": "a token that `is_well_formed` has measured",
    "accounts.personal_tokens.secret.digest": "a token that `is_well_formed` has measured",
    "accounts.sessions.session_id": "the key of a session of ours",
    "accounts.signup_policy.domain_is_allowed": "`canonical`, and domains of a setting",
    "chat.answering.quote_ids.quotes_by_id": "the name of a model that is offered",
    "chat.api.conversation_outputs.model_body": "the name of a model that is offered",
    "chat.answering.side_request.model_of": "a setting",
    "chat.metrics.breaker_opened": "a name of ours",
    "chat.metrics.request_adapted": "a name of ours",
    "chat.metrics.request_began": "a setting",
    "chat.metrics.request_ended": "a setting",
    "chat.metrics.upstream_failed": "a code of ours",
    "chat.upstream.deployments.deployments_of": "the name of a model that is offered",
    "chat.turns.recover.acquire_lease": "a name of ours",
    "quotes.board.featured.found_for_day": "one of the site's languages",
    "quotes.board.featured.line_of_the_day": "one of the site's languages",
    "config.api.fast.path_of": "the name of a route",
    "config.db.sql.execute": "a statement of ours",
    "config.db.sql.fetch_all": "a statement of ours",
    "config.db.sql.fetch_one": "a statement of ours",
    "config.environment.cosine": "a setting",
    "config.environment.email": "a setting",
    "config.environment.production_secret": "a setting",
    "config.environment.time_zone": "a setting",
    "config.environment.base_url": "a setting",
    "config.environment.check_proxy": "a setting",
    "config.proxies.proxy_for": "a setting",
    "config.signing_keys.derived_key": "a setting",
    "quotes.board.export.export_board": "the name of a format",
    "quotes.board.export.file_name": "the name of a format",
    "quotes.review.decline_form.reason_choices": "a text of ours",
    "quotes.search.query_plan.plan_query": "`tokens` of a text that was bounded before",
}


def functions_of_a_text() -> Iterator[str]:
    """Public functions of the product whose one necessary argument is a text."""
    for module in modules():
        for name, value in vars(module).items():
            is_own = isinstance(value, FunctionType) and value.__module__ == module.__name__
            if is_own and not name.startswith("_") and _needs_a_text(value):
                yield f"{module.__name__}.{name}"


def _needs_a_text(function: FunctionType) -> bool:
    code_of, given = function.__code__, len(function.__defaults__ or ())
    names = code_of.co_varnames[: code_of.co_argcount]
    needed = names[: len(names) - given]
    more = set(code_of.co_varnames[len(names) :][: code_of.co_kwonlyargcount])
    of_text = (str, bytes, str | None)
    return (
        len(needed) == 1
        and function.__annotations__.get(needed[0]) in of_text
        and not more - set(function.__kwdefaults__ or {})
    )
