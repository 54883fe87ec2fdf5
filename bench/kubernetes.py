"""A new version on a real Kubernetes node: `pulumi up` to its verdict, against kubectl alone.

Both switch the same deployment between the same images, which the node has. kubectl does less:
it keeps no state and no record, reads no digest back, and has nothing to put back to. What Pulumi
takes of it by itself is told beside it: a program in which nothing is, and one of a Deployment.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench import monorepo
from bench.monorepo import Stack
from bench.row import Row, best
from tests.estate import Estate

SERVICE = "book-shop"
STACK = "bench"
TIMES = 3
VERSIONS = 4  # three take turns, and whoever's turn it is, the version is not the one that runs


def rows() -> Iterator[Row]:
    """Two rows. Raises RuntimeError if the node does not come up, or a rollout fails."""
    with monorepo.running() as estate:
        node = ("python", "-m", "localcloud.kubernetes", "--state", str(estate.state))
        try:
            port = ("--registry-port", str(estate.registry_port))
            monorepo.must(estate.run(*node, "up", *port), "a node")
            yield from Duel(estate).rows()
        finally:
            estate.run(*node, "down")


class Duel:
    """One service, switched in turns by slipway, by kubectl and by a program of one Deployment."""

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
        self._plain = monorepo.bare(estate, "plain", (_FOLDER / _PLAIN).read_text())
        (self._plain.folder / "kubeconfig").write_text(self._kubeconfig.read_text())
        self._declare()
        self._plain.create()

    def rows(self) -> Iterator[Row]:
        """The best of several runs of each, in turns."""
        verdicts: list[float] = []
        plain: list[float] = []

        def by_slipway() -> None:
            self._edit()
            verdicts.append(self._ours.up_until(_VERDICT))

        def by_a_plain_program() -> None:
            self._declare()
            plain.append(self._plain.up_until(_AWAITED))

        works = (by_slipway, self._by_hand, by_a_plain_program, self._nothing.up)
        whole, theirs, _, nothing = best(*works, times=TIMES)
        ours = min(verdicts)
        first = Row(
            what="a new version on Kubernetes, from pulumi up to the verdict",
            ours=ours,
            note=f"{ours - theirs:+.2f} s; all of it {whole:.2f} s; empty program {nothing:.2f} s",
            against="kubectl set image; kubectl rollout status",
            theirs=theirs,
            remark="no state, no digests read back, nothing put back",
            source="bench/kubernetes.py",
        )
        yield first
        yield replace(
            first,
            against="pulumi up of a program of one Deployment",
            theirs=min(plain),
            remark=f"{min(plain) - theirs:+.2f} s; no build, nothing checked, nothing put back",
            source=f"bench/{_PLAIN}",
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

    def _declare(self) -> None:
        """The manifest of the deployment as it runs, under another name, with the next image."""
        found = json.loads(self._kubectl("get", f"deployment/{SERVICE}", "--output=json"))
        spec, labels = found["spec"], {"app": "plain"}
        spec["selector"] = {"matchLabels": labels}
        spec["template"]["metadata"] = {"labels": labels}
        spec["template"]["spec"]["containers"][0]["image"] = self._images[self._next()]
        manifest = {"metadata": {"name": "plain", "namespace": self._stack}, "spec": spec}
        (self._plain.folder / "deployment.json").write_text(json.dumps(manifest))

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


_FOLDER = Path(__file__).parent
_PLAIN = "plain_kubernetes_reference.py"
_AWAITED = re.compile(r"Deployment plain updated \(")
_VERDICT = re.compile(r"KubernetesRollout \S+ updated \(")
_IMAGE = "--output=jsonpath={.spec.template.spec.containers[0].image}"
