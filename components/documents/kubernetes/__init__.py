"""The manifests of one service, as plain objects; what is in them depends on the values alone."""
