"""What a deploy of one function is compared with: the dev pipeline of scripts.

In the order of such scripts: log in, find all images, one `git diff main..HEAD` for each, `docker
build` and `docker push` of those that changed under the commit's SHA, then each one's function gets
the image.
"""

from __future__ import annotations

import time

from bench import monorepo
from bench.monorepo import Stack
from tests.localcloud.cloud import Cloud


def run(stack: Stack, cloud: Cloud, repository: str, prefix: str) -> list[str]:
    """Deploys what changed since main to the functions `<prefix>-<image>`; gives the images.

    It ends when Lambda has taken the code and a call has been answered.
    """
    git, host = stack.estate.git, f"127.0.0.1:{stack.estate.registry_port}"
    # slipway has pushed a name of this SHA before, and names don't move.
    sha = "pipeline-" + git("rev-parse", "HEAD", top=stack.top).strip()
    folders = sorted(each.parent for each in (stack.top / "services").glob("*/Dockerfile"))
    changed = [
        folder
        for folder in folders
        if git("diff", "--name-only", "main..HEAD", "--", str(folder), top=stack.top)
    ]
    for folder in changed:
        image = f"{host}/{repository}/{folder.name}:{sha}"
        base = f"BASE={host}/base/debian:bookworm"
        build = ("buildx", "build", "--builder", "default", "--load", "--quiet")
        monorepo.docker(stack.estate, *build, "--build-arg", base, "-t", image, str(folder))
        monorepo.docker(stack.estate, "push", "--quiet", image)
    for folder in changed:
        update(cloud, f"{prefix}-{folder.name}", f"{host}/{repository}/{folder.name}:{sha}")
    return [folder.name for folder in changed]


def update(cloud: Cloud, function: str, image: str) -> None:
    """Gives the function an image, waits for it, and calls it."""
    aws = cloud.client("lambda")
    aws.update_function_code(FunctionName=function, ImageUri=image)
    deadline = time.monotonic() + 120
    while (found := aws.get_function(FunctionName=function)["Configuration"]).get(
        "LastUpdateStatus"
    ) != "Successful":
        if found.get("LastUpdateStatus") == "Failed" or time.monotonic() > deadline:
            raise RuntimeError(f"{function} did not take {image}: {found}")
        time.sleep(0.1)
    call(cloud, function)


def call(cloud: Cloud, function: str, qualifier: str = "$LATEST") -> None:
    """One call. Raises RuntimeError if it fails."""
    answer = cloud.client("lambda").invoke(
        FunctionName=function, Qualifier=qualifier, Payload=b'{"ping": true}'
    )
    if answer.get("FunctionError"):
        raise RuntimeError(f"{function}: {answer['Payload'].read()[:500]!r}")
