import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url))

/** The folder with everything that builds create. */
export const BUILD = join(ROOT, "build")

/** Yields the files below a folder in a fixed order, without tests and compiled Python files. */
function* filesBelow(folder) {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name)
    if (entry.name === "__pycache__") continue
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (!/\.test\.(tsx?|mjs)$/.test(entry.name)) yield path
  }
}

/**
 * Returns a hash of the names and contents of the given files and of all files below the given folders. Missing files
 * and folders are skipped.
 */
export function hashOf(folders, files) {
  const hash = createHash("sha256").update(process.versions.modules)
  const below = folders.flatMap((folder) => [...filesBelow(join(ROOT, folder))])
  for (const file of [...below, ...files.map((name) => join(ROOT, name))])
    if (existsSync(file)) hash.update(`\0${file.slice(ROOT.length)}\0`).update(readFileSync(file))
  return hash.digest("hex")
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

/** Waits until no other process holds a lock, and takes it. Returns a function that releases it. */
export async function lockBuild(name) {
  mkdirSync(BUILD, { recursive: true })
  const lock = join(BUILD, name)
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" })
      const unlock = () => rmSync(lock, { force: true })
      process.on("exit", unlock)
      return () => {
        process.off("exit", unlock)
        unlock()
      }
    } catch (error) {
      if (error.code !== "EEXIST") throw error
      const holder = Number(existsSync(lock) ? readFileSync(lock, "utf8") : 0)
      if (holder && !alive(holder)) rmSync(lock, { force: true })
      else await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** Replaces the folder `place` with the finished folder `staged`, by renaming it. */
export function swapIn(staged, place) {
  const old = `${place}-old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(place)) renameSync(place, old)
  renameSync(staged, place)
  rmSync(old, { recursive: true, force: true })
}
