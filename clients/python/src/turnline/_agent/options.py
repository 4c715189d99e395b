"""The options of a run, and a way to forward parameters without listing them twice."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, TypedDict, TypeVar, Union

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    _Parameters = ParamSpec("_Parameters")

_Result = TypeVar("_Result")

#: The id of a run, or a mapping with `run_id`.
RunReference = Union[str, Mapping[str, Any]]


class StartOptions(TypedDict, total=False):
    """Options of `start_run`, `child` and `hand_off`. None means that an option isn't set."""

    agent_name: Union[str, None]
    #: What the run should achieve, for readers and verifiers.
    outcome_description: Union[str, None]
    parent: Union[RunReference, None]
    #: An earlier run whose work this one continues.
    continues: Union[RunReference, None]
    #: How long the run waits for a disconnected agent before it becomes incomplete.
    grace_ms: Union[int, None]
    #: When the run began, if not now: a datetime, ISO text or epoch seconds.
    started_at: Any
    #: The tool that the run comes from.
    source: Union[str, Mapping[str, Any], None]


def start_fields(intent: str, **options: Any) -> dict[str, Any]:
    """Returns the options that aren't None.

    Raises TypeError for an unknown name, like a function for an unknown keyword argument.
    """
    for name in options:
        if name not in _NAMES:
            raise TypeError(f"start_run() got an unexpected keyword argument '{name}'")
    return {**{name: value for name, value in options.items() if value is not None}, "intent": intent}


_NAMES = frozenset((*StartOptions.__annotations__, "agent_id", "labels", "idempotency_key"))


def with_parameters_of(
    source: Callable[_Parameters, Any],
) -> Callable[[Callable[..., _Result]], Callable[_Parameters, _Result]]:
    """Gives a function the parameters of the function that it forwards to, for type checkers and `help()`."""

    def decorate(function: Callable[..., _Result]) -> Callable[_Parameters, _Result]:
        parameters = inspect.signature(source)
        returns = function.__annotations__.get("return", inspect.Signature.empty)
        function.__signature__ = parameters.replace(return_annotation=returns)  # type: ignore[attr-defined]
        return function

    return decorate
