"""What an update would change, and what of it makes a new object."""

from dataclasses import dataclass

from offline.plugin.definition import ConfigurationError
from offline.plugin.wire import State, has_unknown

from .cluster import Cluster
from .difference import differences
from .fixed import fixed_paths
from .kubeconfig import access_of
from .objects import AUTONAMED, annotation, metadata_of, without_extras
from .settings import settings


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The differences of one object."""

    kinds: dict[str, str]
    """Verb by path."""
    replaces: list[str]
    """Paths whose change makes a new object."""
    delete_first: bool
    """Whether the old one goes first, as both have one name."""


def changes_of(cluster: Cluster, state: State, olds: State, news: State) -> Changes:
    """Between former and wanted inputs; `state` is what is known of the object."""
    olds, news = without_extras(olds), without_extras(news)
    if place := metadata_of(state).get("namespace"):
        # Whoever names no namespace means the provider's.
        olds = _placed(olds, str(place))
        news = _placed(news, cluster.namespace or str(place))
    fixed = fixed_paths(
        str(news.get("apiVersion")),
        str(news.get("kind")),
        cluster.settings.mutable,
        immutable=olds.get("immutable") is True,
    )
    kinds: dict[str, str] = {}
    for each in differences(olds, news):
        replacing = any(each.is_below(path) for path in fixed)
        kinds[each.path] = each.verb + ("_REPLACE" if replacing else "")
    replaces = sorted(path for path, verb in kinds.items() if verb.endswith("_REPLACE"))
    stays = not any(path in kinds for path in ("metadata.name", "metadata.namespace"))
    first = bool(replaces) and stays and annotation(news, AUTONAMED) != "true"
    return Changes(kinds=kinds, replaces=replaces, delete_first=first)


def another_cluster(olds: State, news: State) -> str:
    """The setting that means another cluster; empty if it is the same or can't be told."""
    if has_unknown(olds) or has_unknown(news):
        return ""
    names = olds.get("clusterIdentifier"), news.get("clusterIdentifier")
    if any(names):
        return "clusterIdentifier" if names[0] != names[1] else ""
    try:
        old, new = access_of(settings(olds)), access_of(settings(news))
    except ConfigurationError:
        return ""
    return "kubeconfig" if (old.server, old.authority) != (new.server, new.authority) else ""


def _placed(inputs: State, namespace: str) -> State:
    metadata = metadata_of(inputs)
    return {**inputs, "metadata": {"namespace": namespace, **metadata}}
