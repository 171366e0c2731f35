# The data plane. docker build --file infra/images/signer.Dockerfile .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts
RUN node node_modules/typescript/bin/tsc -b services/signer services/api packages/dev
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 --filter @countersign/signer deploy --prod out/signer
RUN npx --yes pnpm@12.21.0 --filter @countersign/signer sbom --prod --sbom-format cyclonedx --sbom-spec-version 1.6 --sbom-type application --out out/signer.cdx.json
# What the chains package uses to build and to submit, and types.
RUN node infra/images/prune.ts out/signer --without viem --without axios --without feaxios --without eventsource --without commander --without smol-toml --without @types/node --without @types/json-schema
RUN node infra/images/runtime.ts out/rootfs
RUN node infra/images/sbom.ts out/signer.cdx.json out/signer out/rootfs

# Node, the libraries that it loads, and the service: no shell, no package manager, nothing to log in with.
FROM scratch
COPY --from=build /src/out/rootfs/ /
COPY --from=build /src/out/signer/ /app/
COPY --from=build /src/infra/images/probe.mjs /app/probe.mjs
COPY --from=build /src/out/signer.cdx.json /sbom.cdx.json
WORKDIR /app
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 7443 9464
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["/usr/local/bin/node", "/app/probe.mjs", "http://127.0.0.1:9464/readyz"]
# Code made from strings and changed prototypes are refused: the process that signs runs what was built, nothing else.
ENTRYPOINT ["/usr/local/bin/node", "--disable-proto=throw", "--disallow-code-generation-from-strings"]
CMD ["dist/main.js"]
