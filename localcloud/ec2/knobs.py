"""What a test does to a machine from outside: takes its network away, gives it an old agent.

`POST /_localcloud/machines/<id>` with {"network": false} or {"agent": "3.1.0.0"}.
"""

from typing import Any

from localcloud.ec2.engine import Engine
from localcloud.problem import CloudError

AGENT_VERSION = "3.3.3050.0"


class Knobs:
    """The state of the machines' knobs; without a turn a machine has a network and a new agent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._agents: dict[str, str] = {}

    def agent(self, instance: str) -> str:
        """The version of a machine's SSM agent."""
        return self._agents.get(instance, AGENT_VERSION)

    def turn(self, instance: str, wishes: dict[str, Any]) -> dict[str, Any]:
        """Does what is wished; gives what the machine is now. Raises CloudError for what is no
        knob or no machine."""
        unknown = wishes.keys() - {"network", "agent"}
        if unknown:
            raise CloudError(f"{', '.join(unknown)} is no knob; known are network, agent")
        if instance not in self._engine.instances():
            raise CloudError(f"{instance} is no machine of this cloud")
        if "agent" in wishes:
            self._agents[instance] = str(wishes["agent"])
        if "network" in wishes:
            self._engine.connect(instance, bool(wishes["network"]))
        return {"network": bool(self._engine.address(instance)), "agent": self.agent(instance)}
