"""What can't be changed in an object, so that a change makes a new one.

The rules of the official plugin: some fields that the API would change are among them. Data of
ConfigMaps and Secrets is, so that a new one has a new name and pods roll, unless it is mutable.
"""

from collections.abc import Mapping

_SELECTOR = ("spec.selector",)
_DATA = ("data", "binaryData")
_BINDING = ("roleRef",)
_POD = """affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases
hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead
preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName
schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace subdomain
terminationGracePeriodSeconds volumes"""
_CONTAINER = """args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe
resources securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty
volumeDevices volumeMounts workingDir"""
_VOLUME = """awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker
gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd
scaleIO storageos vsphereVolume"""

EVERYWHERE = ("metadata.name", "metadata.namespace")
FIXED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "ConfigMap"): _DATA,
    ("", "PersistentVolume"): tuple(f"spec.{name}" for name in _VOLUME.split()),
    ("", "PersistentVolumeClaim"): ("spec",),
    ("", "Pod"): (
        *(f"spec.{name}" for name in _POD.split()),
        *(f"spec.{part}.{name}" for part in ("containers", "initContainers")
          for name in _CONTAINER.split()),
    ),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type", "stringData", "data"),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "StatefulSet"): (
        *("spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.serviceName"),
        *("spec.volumeClaimTemplates", *_SELECTOR),
    ),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.template", *_SELECTOR),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _BINDING,
    ("rbac.authorization.k8s.io", "RoleBinding"): _BINDING,
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}  # fmt: skip
"""Paths by API group and kind; indexes of lists are left out."""


def fixed_paths(
    api_version: str, kind: str, mutable: frozenset[str], *, immutable: bool
) -> tuple[str, ...]:
    """Of one object. `mutable` names kinds whose data may change; `immutable` is its own word."""
    group = api_version.rpartition("/")[0]
    found = FIXED.get((group, kind), ())
    if kind in mutable and not immutable:
        found = tuple(path for path in found if path == "type")
    return (*EVERYWHERE, *found, *(("immutable",) if immutable else ()))
