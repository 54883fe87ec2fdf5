"""ECS with real containers: moto keeps clusters and task definitions, this room runs the tasks.

`api_*` answers the calls, `scheduler` keeps services at their desired count, `runner` lives a task.
"""
