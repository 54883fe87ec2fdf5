"""What the SSM agent does on a machine: waits for its turn, runs the steps, reports."""

import threading
import time
from collections.abc import Callable

from localcloud.ec2.engine import Engine
from localcloud.ec2.machines import find
from localcloud.ec2.step_files import StepFiles
from localcloud.place import Place
from localcloud.ssm.command import STDOUT_LIMIT, Command, Invocation, StepResult
from localcloud.ssm.fleet import Fleet
from localcloud.ssm.output import write_output
from localcloud.ssm.values import StepRun

POLL_SECONDS = 0.1
REBOOT = 194
"""The exit code of a script that wants a reboot, and then to be run again."""
MOST_RUNS = 15
"""How often a command is begun on one machine: CommandRetryLimit of the agent's own settings,
https://github.com/aws/amazon-ssm-agent/blob/mainline/README.md"""
READ_BYTES = 4 * STDOUT_LIMIT + 4


class Agent:
    """Runs invocations on machines, each command's script in a transient unit of its own."""

    def __init__(
        self, place: Place, engine: Engine, fleet: Fleet, alive: Callable[[str], bool]
    ) -> None:
        self._place, self._engine, self._fleet, self._alive = place, engine, fleet, alive

    def invoke(self, command: Command, invocation: Invocation, region: str) -> None:
        """Takes an invocation to its end; never raises."""
        try:
            if self._deliver(command, invocation):
                self._run(command, invocation, region)
        except Exception as error:
            invocation.steps[0].stderr += f"local cloud: the machine was lost: {error}\n"
            invocation.end("Failed", "Failed")

    def _deliver(self, command: Command, invocation: Invocation) -> bool:
        deadline = command.asked + command.delivery_seconds
        while not self._fleet.online(invocation.instance):
            if invocation.cancelled.is_set():
                break
            if not self._alive(invocation.instance):
                invocation.end("Failed", "Undeliverable")
                return False
            if time.time() > deadline:
                invocation.end("TimedOut", "DeliveryTimedOut")
                return False
            time.sleep(POLL_SECONDS)
        if invocation.cancelled.is_set():
            invocation.end("Cancelled", "Cancelled")
            return False
        invocation.status = invocation.details = "InProgress"
        invocation.begun = time.time()
        return True

    def _run(self, command: Command, invocation: Invocation, region: str) -> None:
        for number, (run, result) in enumerate(zip(command.runs, invocation.steps, strict=True)):
            unit = f"ssm-{command.id}-{number}"
            # An older agent doesn't know the word, and its script finds no such variables.
            given = run.environment if self._fleet.knows_variables(invocation.instance) else {}
            environment = {
                **given,
                "AWS_SSM_INSTANCE_ID": invocation.instance,
                "AWS_SSM_REGION_NAME": region,
            }
            self._until_done(command, invocation, run, result, unit, environment)
            instance = find(invocation.instance)
            if instance is not None:
                write_output(command, instance, result)
            result.details = result.details if result.status == "TimedOut" else result.status
            if result.status in ("TimedOut", "Cancelled"):
                break
        failed = next((step for step in invocation.steps if step.status != "Success"), None)
        if failed is None:
            invocation.end("Success", "Success")
        else:
            invocation.end(failed.status, failed.details)

    def _until_done(
        self,
        command: Command,
        invocation: Invocation,
        run: StepRun,
        result: StepResult,
        unit: str,
        environment: dict[str, str],
    ) -> None:
        """Runs a step, and runs it anew after each boot that it asks for or that interrupts it.

        https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-reboot.html
        """
        instance = invocation.instance
        # AWS's total timeout: of delivery and of execution.
        deadline = time.time() + command.delivery_seconds + run.seconds
        for number in range(MOST_RUNS):
            boot = self._engine.boot(instance)
            try:
                self._step(invocation, run, result, f"{unit}-{number}", environment)
            except Exception:
                if self._engine.boot(instance) == boot:
                    raise
            lost = self._engine.boot(instance) != boot
            made = find(instance)
            if not lost and result.code == REBOOT and made is not None:
                made.reboot()
            elif not lost and self._back(invocation, deadline, boot):
                return
            if not self._back(invocation, deadline, ""):
                break
            result.status, result.code = "Pending", -1
        if invocation.cancelled.is_set():
            result.status, result.code = "Cancelled", -1
        elif result.status != "TimedOut":
            result.status, result.details, result.code = "TimedOut", "ExecutionTimedOut", -1

    def _back(self, invocation: Invocation, deadline: float, boot: str) -> bool:
        """Waits until the agent can be heard, and whether it is, in time.

        With `boot`: of that boot of its machine.
        """
        instance = invocation.instance
        while not self._fleet.online(instance):
            if invocation.cancelled.is_set() or time.time() > deadline:
                return False
            if not self._alive(instance) or (boot and self._engine.boot(instance) != boot):
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _step(
        self,
        invocation: Invocation,
        run: StepRun,
        result: StepResult,
        unit: str,
        environment: dict[str, str],
    ) -> None:
        instance = invocation.instance
        files = StepFiles(self._place, instance, unit)
        folder = files.folder
        files.write_script(run.script)
        argv = ["systemd-run", "--quiet", "--wait", "--collect", f"--unit={unit}"]
        argv += [f"--setenv={name}={value}" for name, value in environment.items()]
        argv += ["--property=KillMode=process", f"--working-directory={run.folder or folder}"]
        argv += [f"--property=StandardOutput=file:{folder}/stdout"]
        argv += [f"--property=StandardError=file:{folder}/stderr"]
        argv += ["/bin/sh", "-c", f"{folder}/_script.sh"]
        ended, late = threading.Event(), threading.Event()
        watch = threading.Thread(
            target=self._watch,
            args=(invocation, unit, time.monotonic() + run.seconds, ended, late),
            daemon=True,
        )
        watch.start()
        code, words = self._engine.run(instance, argv)
        ended.set()
        watch.join()
        result.stdout = files.said("stdout", READ_BYTES).decode(errors="replace")
        result.stderr = files.said("stderr", READ_BYTES).decode(errors="replace") + words
        result.details = "Pending"
        if late.is_set():
            result.status, result.details = "TimedOut", "ExecutionTimedOut"
        elif invocation.cancelled.is_set():
            result.status = "Cancelled"
        else:
            result.code, result.status = code, "Success" if code == 0 else "Failed"

    def _watch(
        self,
        invocation: Invocation,
        unit: str,
        deadline: float,
        ended: threading.Event,
        late: threading.Event,
    ) -> None:
        while not ended.wait(POLL_SECONDS):
            if time.monotonic() > deadline:
                late.set()
            if late.is_set() or invocation.cancelled.is_set():
                kill = ["systemctl", "kill", "--kill-whom=all", "--signal=SIGKILL", unit]
                self._engine.run(invocation.instance, kill)
