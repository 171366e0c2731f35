# The control plane. docker build --file infra/images/api.Dockerfile .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts
RUN node node_modules/typescript/bin/tsc -b services/signer services/api packages/dev
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 --filter @countersign/api deploy --prod out/api
RUN npx --yes pnpm@12.21.0 --filter @countersign/api sbom --prod --sbom-format cyclonedx --sbom-spec-version 1.6 --sbom-type application --out out/api.cdx.json
# What the Stellar SDK's own RPC client and command line use, and types.
RUN node infra/images/prune.ts out/api --without axios --without feaxios --without eventsource --without commander --without smol-toml --without @types/node --without @types/json-schema
RUN node infra/images/runtime.ts out/rootfs
RUN node infra/images/sbom.ts out/api.cdx.json out/api out/rootfs

# Node, the libraries that it loads, and the service: no shell, no package manager, nothing to log in with.
FROM scratch
COPY --from=build /src/out/rootfs/ /
COPY --from=build /src/out/api/ /app/
COPY --from=build /src/infra/images/probe.mjs /app/probe.mjs
COPY --from=build /src/out/api.cdx.json /sbom.cdx.json
WORKDIR /app
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8080 9465
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["/usr/local/bin/node", "/app/probe.mjs", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["dist/main.js"]
