"""Stand-in of the Pulumi plugin `docker` for machines that cannot reach Pulumi's plugin server."""
