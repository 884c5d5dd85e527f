# The worker's image. Also carries the `tousu` command: docker compose run --rm worker tousu list

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt requirements-dev.txt ./
# The build backend is a development dependency: its lines alone, so that its hash is checked as well.
RUN awk '/^[^ ]/ { wanted = /^setuptools==/ } wanted' requirements-dev.txt > requirements-build.txt \
    && /opt/venv/bin/pip install --require-hashes -r requirements.txt -r requirements-build.txt
COPY . .
# Editable, so that the image has the layout of the checkout that the tests run in.
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/pip uninstall --yes setuptools pip \
    && /opt/venv/bin/python -m compileall -q /app

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 tousu \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tousu tousu \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/tousu
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TOUSU_HOME=/var/lib/tousu
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME /var/lib/tousu
STOPSIGNAL SIGTERM
CMD ["python", "worker.py"]
