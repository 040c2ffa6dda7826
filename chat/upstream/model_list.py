"""The list of an upstream's models, by the official openai package.

It is asked for rarely, so the package's CPU cost does not matter here. Importing it takes a second,
so it is imported on first use.
"""

import ssl
from typing import TYPE_CHECKING

from chat.upstream import error_mapping
from chat.upstream.errors import (
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from config.proxies import proxy_for

if TYPE_CHECKING:
    from openai import OpenAI


def list_models(base_url: str, key: str, *, timeout: float) -> list[str]:
    """The names of the models, sorted. Raises an UpstreamFailed."""
    import openai  # noqa: PLC0415

    try:
        with _client(base_url, key, timeout=timeout) as client:
            return sorted(model.id for model in client.models.list())
    except openai.APIStatusError as error:
        response = error.response
        raise error_mapping.from_response(
            status=response.status_code, headers=response.headers, body=response.content
        ) from error
    except openai.APITimeoutError as error:
        raise UpstreamTimeout from error
    except openai.APIConnectionError as error:
        raise UpstreamUnreachable from error
    except openai.OpenAIError as error:
        raise UpstreamFailed from error
    # The package accepts any 200 as a list, and fails later.
    except (ValueError, TypeError, AttributeError) as error:
        raise UpstreamMalformed from error


def _client(base_url: str, key: str, *, timeout: float) -> "OpenAI":
    """As `chat.upstream.transport`: the package's own rules for proxies, trusted certificates and
    redirects are others, and what it says would not hold for questions.
    """
    import openai  # noqa: PLC0415

    proxy = proxy_for(base_url)
    http = openai.DefaultHttpxClient(
        proxy=proxy.url if proxy else None,
        trust_env=False,
        verify=ssl.create_default_context(),
        follow_redirects=False,
    )
    return openai.OpenAI(
        base_url=base_url, api_key=key or "none", timeout=timeout, max_retries=0, http_client=http
    )
