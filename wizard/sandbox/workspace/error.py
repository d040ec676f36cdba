"""An answer that is an error, in Databricks' form: `{"error_code": …, "message": …}` with an HTTP status."""

from __future__ import annotations


class ApiError(Exception):
    """What a handler raises. `code` is a word, or the bare number that real workspaces send for 401 and 403."""

    def __init__(self, status: int, code: str | int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> dict[str, str | int]:
        """The JSON object of the answer."""
        return {"error_code": self.code, "message": self.message}


def invalid(message: str) -> ApiError:
    """400 INVALID_PARAMETER_VALUE."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def missing(message: str) -> ApiError:
    """404 RESOURCE_DOES_NOT_EXIST."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", message)


def exists(message: str) -> ApiError:
    """400 RESOURCE_ALREADY_EXISTS."""
    return ApiError(400, "RESOURCE_ALREADY_EXISTS", message)
