import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { type ServerAddress, serverAddress } from "@/lib/agent/delivery/serverAddress"

const DEFAULT_DATA_DIR = ".turnline"

/**
 * The server that a command talks to: an option, the environment, or the local default.
 *
 * @throws {AgentError} `invalid_url`
 */
export function serverOf(option: string | undefined, env: NodeJS.ProcessEnv): ServerAddress {
  return serverAddress(option ?? env.TURNLINE_URL ?? `http://127.0.0.1:${env.PORT || 3000}`)
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
