# syntax=docker/dockerfile:1

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY contract/package.json contract/
COPY server/package.json server/
COPY web/package.json web/
COPY tools/package.json tools/
COPY tools/alpaca-stand-in/package.json tools/alpaca-stand-in/
COPY bench/package.json bench/
# The image brings its own Node.js, so the packaged one (200 MB) goes.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM packages AS built
COPY tsconfig.json ./
COPY tools tools
COPY contract/src contract/src
COPY web web
COPY server/src/packed-packages.ts server/src/
RUN tools/bootstrap/node tools/src/web-app/main.ts && tools/bootstrap/node tools/src/packages/main.ts

FROM node:26-slim
WORKDIR /app
COPY --from=packages /app ./
COPY LICENSE ./
COPY bin bin
COPY tools/bootstrap tools/bootstrap
COPY contract/src contract/src
COPY server/src server/src
COPY --from=built /app/web/dist web/dist
COPY --from=built /app/server/packed server/packed
RUN mkdir /data && chown node:node /data

ENV NODE_ENV=production \
    OUTCRY_HOST=0.0.0.0 \
    OUTCRY_PORT=4000 \
    OUTCRY_DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OUTCRY_PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/bin/outcry"]
CMD ["serve"]
