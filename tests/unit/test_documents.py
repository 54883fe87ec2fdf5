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
from components.documents.deploy_document import deploy_document
from components.documents.policies import ec2_trust_policy, host_policy
from components.documents.service import (
    FILES,
    HostServiceSpec,
    bundle_files,
    names_in_example,
    nginx_file,
    parameters_text,
    run_options,
    service_files,
    timer_file,
    unit_file,
)
from components.documents.user_data import MOST, install_script
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
        ("book-shop.conf", nginx_file(SHOP)),
        ("deploy_document.json", deploy_document(**PLACE) + "\n"),
        ("user_data.sh", install_script(*PLACE.values())),
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


def test_user_data_fits_into_what_ec2_takes() -> None:
    longest = {"stack": "s" * 100, "bucket": "b" * 63, "repository": "r" * 255 + "/{image}"}
    assert len(install_script(*{**PLACE, **longest}.values())) < MOST


@pytest.mark.parametrize("service", [SHOP, ATTA], ids=lambda each: each.name)
def test_a_unit_is_exposed_as_little_as_dockers_socket_allows(
    service: HostServiceSpec, tmp_path: Path
) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    unit = tmp_path / f"{service.name}.service"
    unit.write_text(unit_file(service, region="eu-west-1"))
    argv = [analyze, "security", "--offline=true", "--threshold=20", str(unit)]
    found = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout[-300:]


def test_a_container_gets_nothing_that_it_does_not_ask_for() -> None:
    options = run_options(ATTA)

    assert {
        "--security-opt=no-new-privileges",
        "--cap-drop=ALL",
        "--read-only",
        "--memory=512m",
        "--pids-limit=512",
        "--log-opt=max-size=10m",
        "--volume=/opt/atta/output:/app/output",
    } <= set(options)
    asking = HostServiceSpec(
        name="web", port=80, read_only=False, user="10:20", cap_add=("NET_BIND_SERVICE",)
    )
    assert {"--user=10:20", "--cap-add=NET_BIND_SERVICE"} <= set(run_options(asking))
    assert "--read-only" not in run_options(asking)


def test_a_unit_holds_nothing_of_an_image_so_that_it_rarely_changes() -> None:
    unit = unit_file(SHOP, region="eu-west-1")

    assert "IMAGE_TAG" not in unit
    assert "@{" not in unit
    assert f"Options={' '.join(run_options(SHOP))}\n" in unit


def test_nginx_listens_on_every_published_port_and_leads_to_the_loopback_alone() -> None:
    text = nginx_file(HostServiceSpec(name="book-shop", port=8000, publish=(8080, 4000)))

    assert re.findall(r"listen (.+);", text) == ["8080", "4000"]
    assert re.findall(r"^  server (\S+)", text, re.MULTILINE) == ["127.0.0.1:__PORT__"]
    assert "non_idempotent" not in text


def test_a_job_with_a_schedule_has_a_timer_and_is_not_run_by_a_deploy() -> None:
    job = HostServiceSpec(name="atta", job=True, schedule="cron(30 6 ? * MON-FRI *)")

    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 6:30:00 UTC\n" in (timer_file(job) or "")
    assert "\nAtDeploy=no\n" in unit_file(job, region="eu-west-1")
    assert timer_file(ATTA) is None
    assert "deploy/systemd/atta.timer" in service_files(job, region="eu-west-1")


def test_two_services_cannot_have_one_port_or_one_container_name() -> None:
    other = HostServiceSpec(name="other", port=1, publish=(9000, 8080))
    with pytest.raises(ValueError, match="book-shop and other both want port 8080"):
        bundle_files([SHOP, other], region="eu-west-1")
    job = HostServiceSpec(name="job", job=True, container="book-shop")
    with pytest.raises(ValueError, match="both want container book-shop"):
        bundle_files([SHOP, job], region="eu-west-1")


def test_what_a_service_needs_is_what_its_example_lists() -> None:
    text = "# a comment\nDB_URL=postgres://x\nexport KEY=\nIMAGE_TAG=v1\nDB_URL=again\nnot a line\n"

    assert names_in_example(text) == ("DB_URL", "KEY")
    spec = HostServiceSpec(name="shop", port=1, needs=names_in_example(text))
    assert service_files(spec, region="eu-west-1")["deploy/environment/shop.needs"] == (
        "DB_URL\nKEY\n"
    )


def test_versions_of_parameters_are_a_text_in_one_order() -> None:
    assert parameters_text({"b": 2, "a": 11}) == parameters_text({"a": 11, "b": 2}) == "a=11\nb=2\n"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field in (
            *("name", "health", "volumes", "environment"),
            *("container", "user", "cap_add", "parameters", "needs", "schedule"),
        )
        for value in HOSTILE
        if (field, value) != ("health", "-rf")  # /-rf is a path like any other
    ],
)
def test_a_hostile_value_never_reaches_a_unit(field: str, value: str) -> None:
    values: dict[str, object] = {"name": "shop", "port": 8000, "job": field == "schedule"}
    values[field] = {
        "volumes": (f"{value}:/app",),
        "environment": {value: "x"},
        "cap_add": (value,),
        "needs": (value,),
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
