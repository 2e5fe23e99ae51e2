"""The ways GitHub says no, as the domain raises them; the server turns them into answers."""

from typing import Any


class RefusalError(Exception):
    """A request that GitHub does not fulfil: an HTTP code, a message, perhaps field errors."""

    def __init__(
        self, code: int, message: str, errors: tuple[dict[str, Any], ...] = (), accepted: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.errors = errors
        self.accepted = accepted

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = list(self.errors)
        return body | {
            "documentation_url": "https://docs.github.com/rest",
            "status": str(self.code),
        }


def not_found(message: str = "Not Found") -> RefusalError:
    """404: it is not there, or this token cannot see it; GitHub does not say which."""
    return RefusalError(404, message)


def forbidden(accepted: str = "") -> RefusalError:
    """403 of a token that lacks a permission; `accepted` names what would do."""
    return RefusalError(403, "Resource not accessible by integration", accepted=accepted)


def invalid(resource: str, field: str, message: str, code: str = "custom") -> RefusalError:
    """422 with one field error."""
    error = {"resource": resource, "code": code, "field": field, "message": message}
    return RefusalError(422, "Validation Failed", (error,))
