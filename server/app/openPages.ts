import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Pages } from "@/server/http/Pages"
import type { Config } from "@/server/platform/Config"
import { preparePages } from "./preparePages"

/** Returns the given pages. For `true`, loads the pages that Next built; for `false`, returns undefined. */
export async function openPages(
  pages: boolean | Pages,
  config: Config,
  port: number,
): Promise<Pages | undefined> {
  if (typeof pages !== "boolean") return pages
  if (!pages) return undefined
  const { dev, host, basePath, isDefaultDataDir } = config
  return preparePages({ root: projectRoot(), dev, host, port, basePath, isDefaultDataDir })
}

/** Finds the project's folder, both from source and from a bundle. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, "next.config.js"))) {
    const above = dirname(folder)
    if (above === folder) throw new Error("next.config.js was not found in any parent folder of the server.")
    folder = above
  }
  return folder
}
