/** @type {import("next").NextConfig} */
export default {
  // A build uses a separate folder and is renamed when it is complete, so a running server never sees a partial build.
  // Development mode has its own folder, too, which builds don't replace.
  distDir: process.env.TURNLINE_BUILD_DIR || (process.env.TURNLINE_DEV === "1" ? ".next-dev" : ".next"),
  // Also compiled into the pages, which compare it with the server's build to detect an update.
  ...(process.env.TURNLINE_BUILD_ID && {
    generateBuildId: () => process.env.TURNLINE_BUILD_ID,
    env: { TURNLINE_BUILD_ID: process.env.TURNLINE_BUILD_ID },
  }),
  // The server sets all headers itself. It compresses only static files: compressing pages, which contain both secrets
  // and text from agents, could leak the secrets through the size of responses.
  poweredByHeader: false,
  compress: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  productionBrowserSourceMaps: false,
  // Types and lint are checked by their own commands.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
}
