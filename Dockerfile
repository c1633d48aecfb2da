# The image of every role. It runs as an ordinary user and keeps what it keeps in /data.
#
#   docker build -t turnpike:0.1.0 .
#
# Debian with glibc: the binaries of chDB and uWebSockets.js do not run on musl. Packages are installed
# and pruned in the first stage, so that compilers and tools for development stay out of the image.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app

# Packages change rarely: their layer is made again only when the lock file does.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

COPY buf.gen.yaml buf.yaml tsconfig.json tsconfig.build.json ./
COPY scripts/alone.mjs scripts/build.mjs scripts/generate-proto.mjs ./scripts/
COPY proto/turnpike ./proto/turnpike
COPY config.ts limits.ts main.ts setting-kinds.ts settings.ts ./
COPY actors ./actors
COPY cli ./cli
COPY ingest ./ingest
COPY management ./management
COPY model ./model
COPY storage ./storage
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts
# uWebSockets.js brings binaries for every platform and version of Node: 240 MB that are never loaded here.
RUN find node_modules/uWebSockets.js -name '*.node' \
    ! -name "uws_linux_$(node -p 'process.arch + "_" + process.versions.modules').node" -delete

FROM node:20.20.2-bookworm-slim
WORKDIR /app

# libuv's threads do the work of chDB and LMDB; their number is read before any code of ours runs.
ENV NODE_ENV=production \
    UV_THREADPOOL_SIZE=16 \
    TURNPIKE_DATA_DIR=/data

COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY deploy/healthcheck.mjs ./deploy/

# A named volume takes owner and mode from here.
RUN install --directory --owner=node --group=node --mode=700 /data
VOLUME /data
USER node

# Turnpike drains on SIGTERM and ends within nine seconds.
STOPSIGNAL SIGTERM
# Recovery after a crash takes seconds; the start period leaves a slow disk some more.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["node", "deploy/healthcheck.mjs"]

# No shell in between: signals reach the program itself.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
