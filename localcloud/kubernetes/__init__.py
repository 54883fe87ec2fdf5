"""A real Kubernetes of one node in a network namespace of its own: what MicroK8s is on a host."""
