"""The stand-in of Pulumi's kubernetes plugin, for any kind that the cluster's API knows."""
