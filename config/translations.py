"""Texts of libraries that the API or the administration shows and that have no Korean translation,
a wrong one, or one in another tone. (Django REST Framework has translations for `ko_KR`, which `ko`
does not use.)

They are listed here for `make messages`; nothing imports this module.
"""

from django.utils.translation import gettext_noop as _

BORROWED = (
    # rest_framework.exceptions
    _("A server error occurred."),
    _("Authentication credentials were not provided."),
    _("Could not satisfy the request Accept header."),
    _("Incorrect authentication credentials."),
    _("Invalid input."),
    _("Malformed request."),
    _('Method "{method}" not allowed.'),
    _("Not found."),
    _("Request was throttled."),
    _('Unsupported media type "{media_type}" in request.'),
    _("You do not have permission to perform this action."),
    # rest_framework.fields, serializers and validators
    _('"{input}" is not a valid choice.'),
    _("A valid integer is required."),
    _("A valid number is required."),
    _("Ensure this field has at least {min_length} characters."),
    _("Ensure this field has at least {min_length} elements."),
    _("Ensure this field has no more than {max_length} characters."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Ensure this value is greater than or equal to {min_value}."),
    _("Ensure this value is less than or equal to {max_value}."),
    _("Enter a valid email address."),
    _('Expected a list of items but got type "{input_type}".'),
    _("Integer value too large to convert to float"),
    _("Invalid data. Expected a dictionary, but got {datatype}."),
    _("Must be a valid UUID."),
    _("Must be a valid boolean."),
    _("Not a valid string."),
    _("String value too large."),
    _("Surrogate characters are not allowed: U+{code_point:X}."),
    _("This field is required."),
    _("This field may not be blank."),
    _("This field may not be null."),
    _("This list may not be empty."),
    _("This value does not match the required pattern."),
    # django.core.validators
    _("Null characters are not allowed."),
    # django.contrib.admin
    _("Select %s to view"),
)
