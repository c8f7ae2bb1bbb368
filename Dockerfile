# syntax=docker/dockerfile:1

# Both stages are Debian 12, so that the libraries linked to are the libraries run with.
ARG SWIFT_VERSION=6.3.1

FROM swift:${SWIFT_VERSION}-bookworm AS build
# The newest of a stable release's packages are wanted, not one version: Debian drops the older ones from its mirrors.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libjpeg-dev libpng-dev libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Package.swift ./
COPY migrations migrations
COPY Sources Sources
# The manifest names the test targets, so their directories have to be there.
COPY Tests Tests
RUN --mount=type=cache,target=/build/.build \
    swift build -c release --product swathlog --static-swift-stdlib \
    && install -D -s .build/release/swathlog /out/swathlog

FROM debian:bookworm-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="swathlog" \
      org.opencontainers.image.description="Event-sourced ingestion of drone images: tiles, versioned with DVC, every step in one log" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates git libcurl4 libjpeg62-turbo libpng16-16 libsqlite3-0 libstdc++6 libxml2 openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin swathlog \
    && install -d -o swathlog -g swathlog -m 0750 /data
COPY --from=build /out/swathlog /usr/local/bin/swathlog
USER 10001:10001
ENV SWATHLOG_STORE=/data
VOLUME ["/data"]
WORKDIR /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["swathlog", "status"]
ENTRYPOINT ["swathlog"]
CMD ["run"]
