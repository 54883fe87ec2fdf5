"""The plugin process: prints its port and serves the engine until the engine is gone."""

from offline.plugin.process import main

from .catalogue import PLUGIN
from .servicer import KubernetesServicer

if __name__ == "__main__":
    main(PLUGIN, KubernetesServicer)
