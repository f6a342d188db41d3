# The server in a small image that runs as nobody in particular, without a shell.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/dev-node/package.json tools/dev-node/package.json
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/dev-node/package.json tools/dev-node/package.json
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
# Probes and scrapes come from outside of the container.
ENV NODE_ENV=production OSTIARY_ADMIN_ADDRESS=:8181
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# Not the samples: their keys are published.
COPY policies/deny-all.yaml policies/deny-all.yaml
USER 65532:65532
EXPOSE 9000 8181
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["/nodejs/bin/node", "dist/main.js", "health"]
# Less memory and more answers a CPU-second: docs/running.md, Sizing.
ENTRYPOINT ["/nodejs/bin/node", "--single-threaded-gc", "--max-semi-space-size=8", "--initial-old-space-size=64", "dist/main.js"]
# Denies every request until policies are mounted at /policies.
CMD ["serve-mounted"]
