"""What checkov finds that stays as it is, each with its reason."""

from __future__ import annotations

BEYOND = {
    "CKV_AWS_51": "knows `IMMUTABLE` alone: here `latest*` and cache tags may move, every other "
    "name is immutable",
    "CKV2_AWS_28": "a web application firewall costs by the month; attach one to the balancer",
    "CKV2_AWS_62": "nobody waits for events of the bucket",
    "CKV_AWS_91": "needs a bucket of the account's own",
    "CKV_AWS_116": "no event comes asynchronously: slipway makes no event source",
    "CKV_AWS_117": "a function in a VPC has no way out without NAT; it listens to nobody there",
    "CKV_AWS_126": "metrics by the minute cost, and say nothing of security",
    "CKV_AWS_135": "t3 and later are optimized for EBS by themselves",
    "CKV_AWS_144": "what the bucket holds can be made anew from git, but the history",
    "CKV_AWS_260": "port 80 of a balancer that is `public`: with a certificate it only redirects",
    "CKV_AWS_272": "for zip archives; functions here are images, run by digest",
    "CKV_AWS_378": "TLS ends at the balancer; its tasks take requests from it alone",
    "CKV_AWS_382": "a program calls whom it must; `open_to` and `balancer` limit what comes in",
}
"""By checkov's id: what it finds in recorded resources, in every stack that has such a thing."""

MANIFESTS = {
    ("CKV_K8S_11", "*"): "a limit of CPU slows a pod down while its node idles; requests share it",
    ("CKV_K8S_35", "*"): "variables are what every target has; their Secret is its service's alone",
    ("CKV2_K8S_6", "Pod.prod.shop-before"): "takes no request, so no service leads to it",
}
"""By checkov's id and how the resource begins (* is all)."""

DOCKERFILES = {
    ("CKV_DOCKER_2", "*"): "health is asked by who runs it: systemd's script, ECS, the balancer, "
    "`target: docker`; a HEALTHCHECK would be a second one",
    ("CKV_DOCKER_7", "*"): "doesn't read `ARG BASE=…`, which names a version; "
    "test_every_base_names_a_version does",
    ("CKV_DOCKER_3", "/atta/Dockerfile."): "its report goes into a folder of the machine, which is "
    "root's; no capability is left to it there",
}
"""By checkov's id and the file (* is all)."""
