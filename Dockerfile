# syntax=docker/dockerfile:1
# One image for every process of Daybook: `web` (the default), `projector`, `reactor`, `node`. The log and Redis are services of their own.
# `web` starts only with DAYBOOK_OPEN=1, which whoever publishes its port has to decide: nobody has to sign in.

FROM node:24-bookworm-slim AS bundle
WORKDIR /bundle
COPY static/package.json static/package-lock.json static/bundle.mjs ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && node bundle.mjs node_modules vendor

FROM python:3.11-slim-bookworm AS environment
COPY locks/runtime.txt /
RUN python -m venv /app/.venv \
    && /app/.venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r /runtime.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin daybook \
    && install -d -o daybook -m 0700 /var/lib/daybook
COPY --from=environment /app/.venv /app/.venv
COPY . /app
COPY --from=bundle /bundle/vendor /app/static/vendor
ENV PYTHONPATH=/app:/app/esdbnode/src PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DAYBOOK_DATA=/var/lib/daybook
USER daybook
VOLUME /var/lib/daybook
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/.venv/bin/python", "-P", "-m", "app"]
CMD ["web", "--host", "0.0.0.0", "--port", "8000"]
