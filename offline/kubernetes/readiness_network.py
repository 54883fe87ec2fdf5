"""Whether services and ingresses lead anywhere."""

from .judgement import READY, Look, Object, Readiness, status_of

_WITHOUT = 'the annotation pulumi.com/skipAwait: "true" ends the waiting for it'


def service(live: Object, look: Look) -> Readiness:
    """A service leads to pods that are ready."""
    spec = live["spec"]
    kind = spec.get("type") or "ClusterIP"
    balanced = (status_of(live).get("loadBalancer") or {}).get("ingress")
    if kind == "LoadBalancer" and not balanced:
        return Readiness(done=False, words="no address of a load balancer was given to it")
    unled = kind == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector")
    if unled or _has_endpoints(str(live["metadata"]["name"]), look):
        return READY
    words = "it targets no pods: they may not be ready, or spec.selector matches the labels of none"
    return Readiness(done=False, words=f"{words} ({_WITHOUT})")


def ingress(live: Object, look: Look) -> Readiness:
    """An ingress leads to services that lead to pods, and has got an address."""
    names = sorted(set(_backends(live["spec"])))
    empty = [name for name in names if not _served(name, look)]
    if empty:
        words = f"its backends are not there or have no ready pods: {', '.join(empty)}"
        return Readiness(done=False, words=f"{words} ({_WITHOUT})")
    if not (status_of(live).get("loadBalancer") or {}).get("ingress"):
        words = "no ingress controller gave it an address"
        return Readiness(done=False, words=f"{words} ({_WITHOUT})")
    return READY


def _served(name: str, look: Look) -> bool:
    service = look.get("v1", "Service", name)
    if service is None:
        return False
    external = service["spec"].get("type") == "ExternalName"
    return external or _has_endpoints(name, look)


def _has_endpoints(name: str, look: Look) -> bool:
    chosen = f"kubernetes.io/service-name={name}"
    slices = look.listed("discovery.k8s.io/v1", "EndpointSlice", labelSelector=chosen)
    endpoints = [endpoint for each in slices for endpoint in each.get("endpoints") or []]
    return any((each.get("conditions") or {}).get("ready") is not False for each in endpoints)


def _backends(spec: Object) -> list[str]:
    found = [spec.get("defaultBackend") or {}]
    for rule in spec.get("rules") or []:
        found += [path["backend"] for path in (rule.get("http") or {}).get("paths") or []]
    return [str(each["service"]["name"]) for each in found if each.get("service")]
