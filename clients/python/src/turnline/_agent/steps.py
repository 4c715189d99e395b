"""Records the steps of another library's trace in runs, as the library's callbacks report them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

from .._values.times import iso_of_ms, now_ms
from ..agent import AgentBase
from ..run import RunBase, current_run
from .options import start_fields

#: Maximum number of open steps. Beyond it, the oldest steps are forgotten, since some never end.
_MAX_OPEN = 10_000

Target = Union[AgentBase[Any], RunBase, None]


@dataclass
class Step:
    run: RunBase
    name: str
    #: Whether the run was started for this step and ends with it.
    owns_run: bool
    path: list[str]
    fields: dict[str, Any]
    began: float = field(default_factory=time.perf_counter)
    started_at: str = field(default_factory=lambda: iso_of_ms(now_ms()))
    end_progress: Callable[[], None] = lambda: None


class OpenSteps:
    """Assigns each step to its parent's run, to the given or current run, or to a new run of the agent."""

    def __init__(self, target: Target, start_options: dict[str, Any]) -> None:
        self._target = target
        # Raises for a misspelt option now instead of in each callback.
        start_fields(**{"intent": "", **start_options})
        self._start_options = start_options
        self._steps: OrderedDict[Hashable, Step] = OrderedDict()
        self._lock = threading.Lock()

    def open(
        self, key: Hashable, parent: Hashable, name: str, intent: Optional[str], **fields: Any
    ) -> Optional[Step]:
        """Starts a step, or returns None if it belongs to no run.

        A step whose parent is unknown starts a run if the target is an agent.
        """
        with self._lock:
            above = self._steps.get(parent) if parent is not None else None
        run = above.run if above is not None else self._chosen_run()
        owns_run = run is None
        if run is None:
            if not isinstance(self._target, AgentBase):
                return None
            options = {**self._start_options}
            run = self._target.start_run(options.pop("intent", None) or intent or name, **options)
        path = (
            []
            if above is None
            else [*above.path, *([] if above.owns_run or above.name == "" else [above.name])]
        )
        step = Step(
            run, name, owns_run, path, {key: value for key, value in fields.items() if value is not None}
        )
        with self._lock:
            self._steps[key] = step
            while len(self._steps) > _MAX_OPEN:
                self._steps.popitem(last=False)
        return step

    def adopt(self, key: Hashable, step: Step) -> None:
        """Adds a step that was opened elsewhere."""
        with self._lock:
            self._steps[key] = step

    def get(self, key: Hashable) -> Optional[Step]:
        with self._lock:
            return self._steps.get(key)

    def show(self, step: Optional[Step]) -> None:
        """Shows a step as what its run is doing now."""
        if step is not None:
            step.end_progress = step.run.begin(started_at=step.started_at, **step.fields)

    def close(self, key: Hashable) -> Optional[Step]:
        """Removes a step that has ended, and returns it. Returns None if the step never began."""
        with self._lock:
            step = self._steps.pop(key, None)
        if step is not None:
            step.end_progress()
        return step

    def record(self, step: Step, **result: Any) -> None:
        """Records a finished step as a turn."""
        turn = {**step.fields, **{name: value for name, value in result.items() if value is not None}}
        turn.setdefault("started_at", step.started_at)
        turn.setdefault("duration_ms", round((time.perf_counter() - step.began) * 1000, 3))
        if step.path:
            turn["path"] = step.path
        step.run.turn(turn)

    def finish(self, step: Step, status: str, summary: Optional[str] = None, **more: Any) -> None:
        """Ends the step's run if it was started for this step."""
        if step.owns_run:
            step.run._state.finish(status, summary, more)

    def _chosen_run(self) -> Optional[RunBase]:
        if isinstance(self._target, RunBase):
            return self._target
        return current_run()
