"""Sets up what whole-stack tests need: a Docker engine, compose, and the images by their names.

`python -m tests.docker_engine` (or `make engine`) does it, with the standard library alone.
"""
