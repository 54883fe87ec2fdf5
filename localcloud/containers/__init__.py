"""Real containers for what AWS would run: ECS tasks and Lambda functions.

`engine` runs containers, `images` pulls from the cloud's registries, `namespace` gives a network
with ways to the cloud, `roles` and `secrets` judge and read for a role, `logs` writes events.
"""
