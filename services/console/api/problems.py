"""What is wrong with a request, as one line of JSON."""

from starlette.responses import Response

from services.console.shapes import Problem

JSON = "application/json"


def answer(status: int, subject: str, problem: str, mend: str) -> Response:
    """One problem as an answer."""
    return shown(status, Problem(subject=subject, problem=problem, mend=mend))


def shown(status: int, problem: Problem) -> Response:
    """The same, as it was found."""
    return Response(problem.model_dump_json() + "\n", status_code=status, media_type=JSON)
