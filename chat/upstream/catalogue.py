"""What the upstream offers, by the official openai package: asked rarely, so its weight is no
matter. It is imported when first needed, since the import takes a second.
"""

from django.conf import settings

from chat.upstream import refusals
from chat.upstream.errors import (
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnreachable,
)


def list_models() -> list[str]:
    """The names of the upstream's models, sorted. Raises an UpstreamFailed."""
    import openai  # noqa: PLC0415

    if not settings.OPENAI_BASE_URL:
        raise UpstreamUnreachable
    try:
        with openai.OpenAI(
            base_url=settings.OPENAI_BASE_URL,
            api_key=settings.OPENAI_API_KEY.strip() or "none",
            timeout=settings.UPSTREAM_FIRST_BYTE_TIMEOUT,
            max_retries=0,
        ) as client:
            return sorted(model.id for model in client.models.list())
    except openai.APIStatusError as error:
        response = error.response
        raise refusals.from_response(
            status=response.status_code, headers=response.headers, body=response.content
        ) from error
    except openai.APITimeoutError as error:
        raise UpstreamTimeout from error
    except openai.APIConnectionError as error:
        raise UpstreamUnreachable from error
    except openai.OpenAIError as error:
        raise UpstreamFailed from error
    except (ValueError, TypeError, AttributeError) as error:  # it takes any 200 for a list
        raise UpstreamMalformed from error
