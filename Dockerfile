# syntax=docker/dockerfile:1

# All stages are Debian 12, so that the libraries linked to are the libraries run with.
ARG SWIFT_VERSION=6.3.1

FROM swift:${SWIFT_VERSION}-bookworm AS build
# The newest of a stable release's packages are wanted, not one version: Debian drops the older ones from its mirrors.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libexpat1-dev libjpeg-dev libpng-dev libsqlite3-dev pkg-config \
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

# Of Debian, the image takes what the program is linked to and calls: git over HTTPS and SSH, what signs commits, and
# busybox for a shell. Nothing here needs the Perl of Debian's git.
FROM debian:bookworm-slim AS root
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        busybox ca-certificates git gpg gpg-agent libcurl4 libexpat1 libjpeg62-turbo libpng16-16 libsqlite3-0 libstdc++6 \
        openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin swathlog
COPY --from=build /out/swathlog /usr/local/bin/swathlog
COPY tools/image-root /usr/local/sbin/image-root
RUN image-root /image \
        /etc/debian_version /etc/group /etc/nsswitch.conf /etc/os-release /etc/passwd /usr/lib/os-release \
        /etc/ssl/certs/ca-certificates.crt \
        /usr/bin/git /usr/bin/git-receive-pack /usr/bin/git-upload-pack /usr/share/git-core/templates \
        /usr/lib/git-core/git-remote-http /usr/lib/git-core/git-remote-https \
        /usr/bin/gpg /usr/bin/gpg-agent /usr/bin/ssh /usr/bin/ssh-keygen \
        /bin/busybox /usr/local/bin/swathlog \
    && chroot /image /bin/busybox --install -s /bin \
    && install -d -m 1777 /image/tmp \
    && install -d -o swathlog -g swathlog -m 0750 /image/data

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="swathlog" \
      org.opencontainers.image.description="Event-sourced ingestion of drone images: tiles, versioned with DVC, every step in one log" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=root /image /
USER 10001:10001
ENV PATH=/usr/local/bin:/usr/bin \
    SWATHLOG_STORE=/data
VOLUME ["/data"]
WORKDIR /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["swathlog", "status"]
ENTRYPOINT ["swathlog"]
CMD ["run"]
