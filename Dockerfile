# syntax=docker/dockerfile:1

# Builds the package and installs it, so that the image contains only what the server needs.
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/pack/pack.mjs
WORKDIR /app
RUN npm install --omit=dev --no-audit --no-fund /src/dist/turnline-[0-9]*.tgz

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    TURNLINE_DATA_DIR=/data \
    TURNLINE_ALLOWED_HOSTS=localhost
COPY --from=build /app/node_modules /app/node_modules
# Writable for the user below; a mounted volume replaces it.
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell or npm in between, signals reach the server.
CMD ["node", "/app/node_modules/turnline/bin/turnline.mjs"]
