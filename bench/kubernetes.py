"""A new version on a real Kubernetes node: `pulumi up` to its verdict, against kubectl alone.

Both switch the same deployment between the same images, which the node has. kubectl does less:
it keeps no state and no record, reads no digest back, and has nothing to put back to. How long a
program takes in which nothing is, Pulumi's own part of ours, is told beside it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench import monorepo
from bench.monorepo import Stack
from bench.row import Row, best
from tests.estate import Estate

SERVICE = "book-shop"
STACK = "bench"
TIMES = 3
VERSIONS = 3  # whoever's turn it is, the version is not the one that runs


def rows() -> Iterator[Row]:
    """One row. Raises RuntimeError if the node does not come up, or a rollout fails."""
    with monorepo.running() as estate:
        node = ("python", "-m", "localcloud.kubernetes", "--state", str(estate.state))
        try:
            port = ("--registry-port", str(estate.registry_port))
            monorepo.must(estate.run(*node, "up", *port), "a node")
            yield Duel(estate).row()
        finally:
            estate.run(*node, "down")


class Duel:
    """One service, switched in turns by slipway and by kubectl."""

    def __init__(self, estate: Estate, kubeconfig: Path | None = None, stack: str = STACK) -> None:
        """`kubeconfig` is that of the estate's node if not given."""
        self._stack = stack
        self._kubeconfig = kubeconfig or estate.state / "kubernetes" / "kubeconfig"
        self._top = estate.checkout(estate.folder / "duel", (SERVICE,))
        service = {"target": "microk8s", "port": 8000, "health": "/healthz", "drain": 5}
        estate.write_stack(
            self._top,
            stack,
            registry={"kind": "ecr", "repository": f"{stack}/{{image}}", "create": True},
            bundles={"bucket": f"slipway-{stack}-deploys"},
            host=None,
            kubernetes={"delivery": "api", "kubeconfig": str(self._kubeconfig)},
            services={SERVICE: service},
        )
        self._text, self._turn = self._app.read_text(), -1
        cache = Path(estate.environment["SLIPWAY_CACHE"])
        self._program = str(next(cache.glob("kubernetes-*/bin/kubectl")))
        self._images: list[str] = []
        estate.select(stack, self._top / "deploy")
        self._ours, self._nothing = Stack(estate, self._top, stack), monorepo.empty(estate)
        for _ in range(VERSIONS):
            self._by_slipway()
            self._images.append(self._kubectl("get", f"deployment/{SERVICE}", _IMAGE))

    def row(self) -> Row:
        """The best of several runs of each, in turns."""
        verdicts: list[float] = []

        def by_slipway() -> None:
            self._edit()
            verdicts.append(self._ours.up_until(_VERDICT))

        whole, theirs, nothing = best(by_slipway, self._by_hand, self._nothing.up, times=TIMES)
        ours = min(verdicts)
        return Row(
            what="a new version on Kubernetes, from pulumi up to the verdict",
            ours=ours,
            note=f"{ours - theirs:+.2f} s; all of it {whole:.2f} s; empty program {nothing:.2f} s",
            against="kubectl set image; kubectl rollout status",
            theirs=theirs,
            remark="no state, no digests read back, nothing put back",
            source="bench/kubernetes.py",
        )

    @property
    def _app(self) -> Path:
        return self._top / "services" / SERVICE / "app.py"

    def _next(self) -> int:
        self._turn = (self._turn + 1) % VERSIONS
        return self._turn

    def _edit(self) -> None:
        """Built by then, so what is timed is the rollout and all that is around it."""
        self._app.write_text(f"{self._text}# version {self._next()} of {self._stack}\n")

    def _by_slipway(self) -> None:
        self._edit()
        self._ours.up()

    def _by_hand(self) -> None:
        image = self._images[self._next()]
        self._kubectl("set", "image", f"deployment/{SERVICE}", f"{SERVICE}={image}")
        self._kubectl("rollout", "status", f"deployment/{SERVICE}")

    def _kubectl(self, *words: str) -> str:
        argv = [
            self._program,
            f"--kubeconfig={self._kubeconfig}",
            "--namespace",
            self._stack,
            *words,
        ]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout  # noqa: S603


_VERDICT = re.compile(r"KubernetesRollout \S+ updated \(")
_IMAGE = "--output=jsonpath={.spec.template.spec.containers[0].image}"
