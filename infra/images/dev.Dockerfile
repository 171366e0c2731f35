# For development alone: makes the stack's keys, certificates and configuration, and stands in for AWS KMS. Nothing of it
# is in the images of the services. docker build --file infra/images/dev.Dockerfile .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts
RUN node node_modules/typescript/bin/tsc -b services/signer services/api packages/dev
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx --yes pnpm@12.21.0 --filter @countersign/dev deploy --prod --no-optional out/dev
# Postgres, anvil and the compiler of contracts are other images here, or nobody's.
RUN node infra/images/prune.ts out/dev --without @foundry-rs/anvil --without solc --without @types/json-schema
RUN node infra/images/runtime.ts out/rootfs
# An empty volume takes the owner of the folder that it is first mounted over.
RUN mkdir -p out/stack/api out/stack/signer out/stack/kms out/stack/local-kms out/stack/postgres-api out/stack/postgres-signer out/stack/grafana out/stack/state

FROM scratch
COPY --from=build /src/out/rootfs/ /
COPY --from=build /src/out/dev/ /app/
COPY --from=build /src/infra/images/probe.mjs /app/probe.mjs
COPY --from=build --chown=65532:65532 /src/out/stack/ /run/stack/
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["dist/compose/main.js", "bootstrap"]
