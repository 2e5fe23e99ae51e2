# The action's image. A release names it by digest; from source the runner builds this file.
# No BuildKit-only syntax: runners without buildx build it too.
FROM python:3.13-slim-trixie

# Docker's client with the compose and buildx plugins, all of one distribution release, so that
# they fit each other; git reads the checkout; tini hands signals on and reaps children.
RUN apt-get update \
 && apt-get install -y --no-install-recommends docker-cli docker-compose docker-buildx git tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /usr/share/doc /usr/share/man

COPY requirements/runtime.txt /tmp/runtime.txt
RUN python3 -m venv /opt/readiness-gate \
 && /opt/readiness-gate/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: -r /tmp/runtime.txt \
 && /opt/readiness-gate/bin/python -m pip uninstall --yes --disable-pip-version-check pip \
 && rm /tmp/runtime.txt

COPY entrypoint.py /opt/readiness-gate/app/entrypoint.py
COPY templates /opt/readiness-gate/app/templates
COPY readiness_gate /opt/readiness-gate/app/readiness_gate
RUN chmod 0755 /opt/readiness-gate/app/entrypoint.py \
 && ln -s entrypoint.py /opt/readiness-gate/app/teardown \
 && /opt/readiness-gate/bin/python -c "import pathlib, sysconfig; \
pathlib.Path(sysconfig.get_path('purelib'), 'readiness_gate.pth').write_text('/opt/readiness-gate/app\n')" \
 && /opt/readiness-gate/bin/python -I -m compileall -q /opt/readiness-gate/app

ENTRYPOINT ["/usr/bin/tini", "--", "/opt/readiness-gate/app/entrypoint.py"]
