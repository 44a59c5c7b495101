# Two stages: the first fetches and collects, the second carries only what runs.
FROM python:3.13.5-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt requirements-local.txt ./
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt \
    && python -m venv /tools \
    && /tools/bin/pip install --require-hashes --only-binary :all: -r requirements-local.txt
COPY . .
# Settings without a development mode, so that the files get their hashed names. None of these
# values reaches the running product.
RUN PYTHONPATH=/app /tools/bin/python -m upgrade_tracker.launch assets \
    && SECRET_KEY=build LINK_KEYS=build SITE_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
       DATABASE_URL=postgres://build.invalid/build REDIS_URL=redis://build.invalid/0 \
       EMAIL_URL=smtp://build.invalid UPGRADE_TRACKER_VAR=/app/var \
       /venv/bin/python manage.py collectstatic --noinput

FROM python:3.13.5-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app upgrade
COPY --from=build /venv /venv
COPY --from=build --chown=upgrade /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UPGRADE_TRACKER_VAR=/app/var
USER upgrade
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "upgrade_tracker.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--preload", "--timeout", "60", "--graceful-timeout", "8", \
     "--no-control-socket"]
