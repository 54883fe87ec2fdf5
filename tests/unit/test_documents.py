"""Units, policies, the SSM document and the scripts, as texts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.documents.bucket_policy import bucket_policy
from components.documents.deploy_document import deploy_document, install_script
from components.documents.policies import ec2_trust_policy, host_policy
from components.documents.service import (
    FILES,
    HostServiceSpec,
    bundle_files,
    run_options,
    service_files,
    unit_file,
)
from tests.fakes.host import ATTA, SHOP
from tests.golden import assert_golden

PLACE = {
    "stack": "dev",
    "region": "eu-west-1",
    "bucket": "deploys",
    "repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/{image}",
}
ARN = "arn:aws:ecr:eu-west-1:123456789012:repository/dev/atta"
HOSTILE = ["$(id)", "`id`", "a;b", "a b", "a\nb", "a\n", "-rf", "a'b", 'a"b', "{{ssm:x}}", "${IFS}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("book-shop.service", unit_file(SHOP, region="eu-west-1")),
        ("atta.service", unit_file(ATTA, region="eu-west-1")),
        ("deploy_document.json", deploy_document(**PLACE) + "\n"),
        ("user_data.sh", install_script()),
        ("ec2_trust_policy.json", ec2_trust_policy() + "\n"),
        (
            "host_policy.json",
            host_policy(bucket="deploys", stack="dev", region="eu-west-1", repository_arns=[ARN])
            + "\n",
        ),
        ("bucket_policy.json", bucket_policy("deploys") + "\n"),
    ],
)
def test_a_text_is_the_golden_one(name: str, text: str) -> None:
    assert_golden(name, text)


def test_every_script_passes_shellcheck() -> None:
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "shellcheck is missing: apt-get install shellcheck"
    scripts = sorted(str(path) for path in FILES.glob("*.sh"))
    found = subprocess.run(
        [shellcheck, "-x", *scripts, str(Path(__file__).parents[1] / "fakes" / "host_tool.sh")],
        cwd=FILES.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


def test_every_unit_passes_systemd_analyze_verify(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None or not Path("/usr/bin/docker").exists():
        pytest.skip("no systemd-analyze or no /usr/bin/docker on this machine")
    for service in (SHOP, ATTA):
        (tmp_path / f"{service.name}.service").write_text(unit_file(service, region="eu-west-1"))
    found = subprocess.run(
        [analyze, "verify", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (0, "")


def test_the_candidate_and_the_live_container_get_the_same_options() -> None:
    unit = unit_file(ATTA, region="eu-west-1")
    options = " ".join(run_options(ATTA))

    assert f"\nOptions={options}\n" in unit
    assert f"  {options} \\\n" in unit
    assert "--volume=/opt/atta/output:/app/output" in options


def test_a_unit_names_no_image_so_that_the_env_file_decides() -> None:
    unit = unit_file(SHOP, region="eu-west-1")

    assert unit.count("${ECR_REGISTRY}/${ECR_REPOSITORY}:${IMAGE_TAG}") == 2
    assert "--rm" not in unit
    assert "@{" not in unit


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field in ("name", "health", "volumes", "environment")
        for value in HOSTILE
        if (field, value) != ("health", "-rf")  # /-rf is a path like any other
    ],
)
def test_a_hostile_value_never_reaches_a_unit(field: str, value: str) -> None:
    values: dict[str, object] = {"name": "shop", "port": 8000}
    values[field] = {
        "volumes": (f"{value}:/app",),
        "environment": {value: "x"},
        "health": f"/{value}",
    }.get(field, value)

    with pytest.raises(ValueError, match="allowed"):
        HostServiceSpec(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "volume", ["output", "output:app", "../etc:/app", "out:/app/../etc", "/etc:/app", "o:/a:ro b"]
)
def test_a_volume_is_a_folder_below_the_services_own(volume: str) -> None:
    with pytest.raises(ValueError, match="is not a volume"):
        HostServiceSpec(name="atta", job=True, volumes=(volume,))


@pytest.mark.parametrize("port", [None, 0, 65536, -1])
def test_a_service_needs_a_port(port: int | None) -> None:
    with pytest.raises(ValueError, match="is not a port; allowed: 1 to 65535"):
        HostServiceSpec(name="shop", port=port)


@pytest.mark.parametrize("name", ["IMAGE_TAG", "ECR_REGISTRY", "ECR_REPOSITORY"])
def test_what_a_deploy_sets_cannot_be_set_by_the_stack_file(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        HostServiceSpec(name="shop", port=1, environment={name: "x"})


@given(value=st.text(max_size=40).filter(lambda text: not re.search(r"[\x00-\x1f\x7f]", text)))
def test_any_value_of_one_line_stays_one_line_of_the_environment(value: str) -> None:
    spec = HostServiceSpec(name="shop", port=1, environment={"A": value, "B": "b"})
    text = service_files(spec, region="eu-west-1")["deploy/environment/shop.env"]

    assert text == f"A={value}\nB=b\n"


def test_a_bundle_holds_every_script_that_the_deploy_script_reads() -> None:
    files = bundle_files([SHOP], region="eu-west-1")
    read = re.findall(r'^\. "\$here/(.+)"$', files["deploy/ec2_deploy.sh"], re.MULTILINE)

    assert read
    assert {f"deploy/{name}" for name in read} <= set(files)
