"""What is known of each model of a server: its circuit breaker, and the parameters it refuses."""

import logging
import threading
from dataclasses import dataclass

from chat import metrics
from chat.upstream.breaker import Breaker
from chat.upstream.options import ClientOptions
from chat.upstream.parameters import Adaptation

logger = logging.getLogger(__name__)

MAX_MODELS = 256  # the settings name the models; this bounds what other callers may name


@dataclass
class ModelState:
    """`refused` holds names of `parameters.NAMES`."""

    model: str
    breaker: Breaker
    refused: frozenset[str] = frozenset()

    def learn(self, adaptation: Adaptation) -> None:
        """Remember, after a request that succeeded, what requests to this model leave out."""
        if adaptation.has_learned and adaptation.lasting != self.refused:
            self.refused = adaptation.lasting
            metrics.request_adapted("parameters")
            names = " ".join(sorted(self.refused))
            logger.warning("model=%s is asked without %s", self.model, names)


class ModelStates:
    """The states by model. The oldest one is forgotten where there are too many."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._states: dict[str, ModelState] = {}

    def of(self, model: str) -> ModelState:
        state = self._states.get(model)
        if state is None:
            with self._lock:
                state = self._states.setdefault(model, self._new(model))
                if len(self._states) > MAX_MODELS:
                    del self._states[next(iter(self._states))]
        return state

    def are_all_shut(self) -> bool:
        """Whether every model that was asked has an open breaker."""
        states = list(self._states.values())
        return bool(states) and all(state.breaker.is_open for state in states)

    def _new(self, model: str) -> ModelState:
        options = self._options
        refused = frozenset(name for of, name in options.unsupported if of in {"", model})
        breaker = Breaker(options.breaker_failures, options.breaker_seconds)
        return ModelState(model, breaker, refused)
