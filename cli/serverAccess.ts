import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { UsageError } from "./Command"

const DEFAULT_DATA_DIR = ".turnline"

/** The server that a command talks to: an option, the environment, or the local default. */
export function serverUrl(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = option ?? env.TURNLINE_URL
  if (given === undefined) return `http://127.0.0.1:${env.PORT || 3000}`
  try {
    const url = new URL(given.includes("://") ? given : `http://${given}`)
    if (url.protocol === "http:" || url.protocol === "https:") return url.origin
  } catch {
    // Reported below.
  }
  throw new UsageError(`invalid URL: ${given}`)
}

/**
 * The token to write with: the environment's, else the one that a local server wrote into its data directory. Never an argument:
 * every user of the machine can read those.
 */
export function agentToken(env: NodeJS.ProcessEnv): string | undefined {
  if (env.TURNLINE_TOKEN) return env.TURNLINE_TOKEN
  const file = join(resolve(env.TURNLINE_DATA_DIR || DEFAULT_DATA_DIR), "agent.token")
  return existsSync(file) ? readFileSync(file, "utf8").trim() || undefined : undefined
}
