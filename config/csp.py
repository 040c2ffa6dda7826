"""The content security policies: of the page, of the administration, of the documentation, and of
the card that other sites may show in a frame.
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE

PAGE = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "base-uri": [NONE],
    # Not the providers' hosts: browsers check this at each redirect of a form, and providers go on
    # to hosts that are not known here. accounts.api.providers answers with a document instead.
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": [NONE],
}

# Replaces directives of `PAGE`: scripts of Django's administration write HTML with jQuery, which
# Trusted Types forbid.
ADMIN = {"require-trusted-types-for": None, "trusted-types": None}

# Replaces directives of `PAGE`: Swagger UI and Redoc write <style> elements and HTML strings.
DOCUMENTATION = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "worker-src": [SELF, "blob:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": None,
    "trusted-types": None,
    "manifest-src": None,
}

# The card alone (`quotes.public.card`): one style and a link, in a frame of any site.
CARD = (
    "default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *; require-trusted-types-for 'script'; trusted-types 'none'"
)
