"""AWS Lambda for functions from container images: the API, versions and aliases, real runs.

`api` routes the calls, `functions`, `aliases`, `permissions` and `urls` answer them, `sandbox` and
`runtime` run an image as Lambda does, `invocations` asks it and reports. moto's Lambda runs no
images and answers nothing here.
"""
