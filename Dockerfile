FROM debian:12 AS build
COPY tests/install.sh /src/tests/
RUN /src/tests/install.sh build
COPY . /src
WORKDIR /src
RUN cmake --preset release && cmake --build --preset release \
 && strip build/release/reconciler/bough

FROM debian:12-slim
COPY tests/install.sh /opt/
RUN /opt/install.sh run image && rm -rf /opt/install.sh /var/lib/apt/lists/* /var/cache/apt/* \
 && useradd --system --create-home --home-dir /var/lib/bough --shell /usr/sbin/nologin bough \
 && install -d /etc/bough \
 && echo 'data_dir: /var/lib/bough' >/etc/bough/bough.yaml
COPY --from=build /src/build/release/reconciler/bough /usr/local/bin/
ENV BOUGH_CONFIG=/etc/bough/bough.yaml LANG=C.UTF-8
USER bough
WORKDIR /var/lib/bough
VOLUME /var/lib/bough
HEALTHCHECK --interval=1m --timeout=30s --start-period=30s CMD ["bough", "doctor"]
ENTRYPOINT ["tini", "--"]
CMD ["bough", "serve"]
