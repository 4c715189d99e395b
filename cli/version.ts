import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Returns the version in the nearest package.json above this file. Also works in a bundle. */
export function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json")
    if (existsSync(file)) {
      const { version: found } = JSON.parse(readFileSync(file, "utf8")) as { version?: string }
      if (found !== undefined) return found
    }
    if (folder === dirname(folder)) return "unknown"
  }
}
