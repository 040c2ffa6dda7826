"""Base classes of the API's views."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView


class OpenView(APIView):
    """Needs no sign-in. Credentials are ignored, so an expired token cannot cause a 401."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        # Wrong credentials in a body are 401 too, and name the API's own scheme.
        return str(APIView.authentication_classes[0]().authenticate_header(request))
