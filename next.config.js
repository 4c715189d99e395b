/** @type {import("next").NextConfig} */
export default {
  // A build goes into a separate folder and is renamed into place, so a running server never sees a partial one.
  // Development has one too, which no build takes away under it.
  distDir: process.env.TURNLINE_BUILD_DIR || (process.env.TURNLINE_DEV === "1" ? ".next-dev" : ".next"),
  // Written into the pages too, which so notice that the server has become another.
  ...(process.env.TURNLINE_BUILD_ID && {
    generateBuildId: () => process.env.TURNLINE_BUILD_ID,
    env: { TURNLINE_BUILD_ID: process.env.TURNLINE_BUILD_ID },
  }),
  // The server sets every header itself, and compresses scripts and styles alone: trace content stands beside what a
  // token may see.
  poweredByHeader: false,
  compress: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  productionBrowserSourceMaps: false,
  // Types and lint are checked by their own commands.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
}
