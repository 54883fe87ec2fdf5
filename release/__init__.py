"""The rules of a release, as pure functions on plain values: no cloud, no network, no git."""
