import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { join } from "node:path"
import type { Pages } from "@/server/http/Pages"
import { addBasePathToResponse, addBasePathToScript } from "@/server/http/pagesBasePath"
import { readStaticFiles } from "@/server/http/StaticFiles"

type PreparePagesOptions = {
  /** The folder of `next.config.js`. */
  root: string
  dev: boolean
  host: string
  port: number
  /** The path under which browsers see the pages. */
  basePath: string
  isDefaultDataDir: boolean
}

/** Loads Next and its pages, which takes a second or two. */
export async function preparePages(options: PreparePagesOptions): Promise<Pages> {
  const { basePath, isDefaultDataDir } = options
  // See lib/live/pagePath.ts.
  globalThis.turnlineDeployment = { basePath, isDefaultDataDir }
  const { default: next } = await import("next")
  // Next handles all upgrades of the server that it is given. It gets this server, which never listens and only
  // receives the upgrades that are meant for Next.
  const upgrades = createServer()
  const app = next({
    dir: options.root,
    dev: options.dev,
    hostname: options.host,
    port: options.port,
    quiet: true,
    httpServer: upgrades,
  })
  await app.prepare()
  // The build is read only once, so this process keeps serving it even after another build has replaced it on disk.
  const folder = join(options.root, process.env.TURNLINE_BUILD_DIR || ".next")
  const build = options.dev ? undefined : await readBuild(folder)
  const files = options.dev
    ? undefined
    : await readStaticFiles(join(folder, "static"), "/_next/static/", {
        ...(basePath !== "" && { edit: (name, content) => addBasePathToScript(name, content, basePath) }),
      })
  const handle = app.getRequestHandler()
  return {
    async handle(request, response) {
      if (await files?.serve(request, response)) return
      if (basePath !== "") addBasePathToResponse(request, response, basePath)
      await handle(request, response)
    },
    ...(options.dev && {
      upgrade: (request, socket, head) => {
        upgrades.emit("upgrade", request, socket, head)
      },
    }),
    close: () => app.close(),
    ...(build !== undefined && { build }),
  }
}

async function readBuild(folder: string): Promise<string | undefined> {
  return readFile(join(folder, "BUILD_ID"), "utf8").then(
    (text) => text.trim() || undefined,
    () => undefined,
  )
}
