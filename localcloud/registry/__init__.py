"""ECR with a real data plane: a Debian docker-registry behind a front that keeps ECR's rules."""
