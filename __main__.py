"""The door: Pulumi runs this file."""

from infra.start import start

start()
