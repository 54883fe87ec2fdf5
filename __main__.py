"""The door: Pulumi runs this file."""

from infra.program import main

main()
