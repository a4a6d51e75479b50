# The tool as an image: docker run --rm -v "$PWD:/work:ro" ghcr.io/…/ctlint lint
FROM python:3.13-slim-bookworm AS build
COPY . /src
RUN pip wheel --no-cache-dir --wheel-dir /wheels '/src[lsp,shellcheck]'

FROM python:3.13-slim-bookworm
# git answers --since. The repository that is mounted belongs to somebody else than the user in here.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels 'ctlint[lsp,shellcheck]'
ENV XDG_CACHE_HOME=/tmp/cache
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["ctlint"]
CMD ["lint"]
