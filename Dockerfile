# The server, its worker and its commands in one image:
#
#   docker build --tag spectron .
#   docker run --publish 127.0.0.1:50051:50051 --volume spectron:/var/lib/spectron \
#     --env SPECTRON_FIRST_KEY --env SPECTRON_ALLOW_PLAINTEXT=true spectron
#
# No secret belongs in the image: keys, database addresses and certificates come with the
# environment and with volumes when it runs.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/spectron
# The packages first: they change less often than the source.
COPY requirements/server.lock requirements/server.lock
RUN /opt/spectron/bin/pip install --require-hashes --no-deps --requirement requirements/server.lock
COPY pyproject.toml README.md LICENSE ./
COPY clients/python clients/python
COPY extraction extraction
COPY server server
RUN /opt/spectron/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/spectron/bin/pip install --no-deps /wheels/spectron-*.whl

FROM python:3.11-slim-bookworm
# PostgreSQL refuses to run as root, and as a user without a name: do not run this image with
# `--user` and a number that it does not know.
RUN groupadd --gid 10001 spectron \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/spectron --create-home \
    --shell /usr/sbin/nologin spectron \
    && chmod 0700 /var/lib/spectron
COPY --from=build /opt/spectron /opt/spectron
ENV PATH=/opt/spectron/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SPECTRON_DATA_DIR=/var/lib/spectron \
    SPECTRON_LISTEN=0.0.0.0:50051 \
    SPECTRON_LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/spectron
VOLUME /var/lib/spectron
EXPOSE 50051
# It asks the health service, and needs no key. A server with a certificate is asked by the name in
# it: set SPECTRON_ENDPOINT to that name and port.
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 \
    CMD ["spectron", "doctor", "--remote"]
ENTRYPOINT ["spectron"]
CMD ["serve"]
