import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type ServerAddress, serverAddress } from "@/lib/agent/delivery/serverAddress"
import { readDataDir } from "@/server/platform/Config"

type Env = Readonly<Record<string, string | undefined>>

/**
 * Returns the server that a command uses: from the option, the environment, or the local default.
 *
 * @throws {AgentError} `invalid_url`
 */
export function serverOf(option: string | undefined, env: Env): ServerAddress {
  return serverAddress(option ?? env.TURNLINE_URL ?? `http://127.0.0.1:${env.PORT || 3000}`)
}

/**
 * Returns the token to use: from the environment, or else the one that a local server wrote into its data directory. It
 * can't be passed as an argument, because every user of the machine can read a process's arguments.
 */
export function tokenFor(role: "agent" | "viewer", env: Env): string | undefined {
  if (env.TURNLINE_TOKEN) return env.TURNLINE_TOKEN
  const file = join(readDataDir(env), `${role}.token`)
  return existsSync(file) ? readFileSync(file, "utf8").trim() || undefined : undefined
}

/** Returns the token for writing. */
export function agentToken(env: Env): string | undefined {
  return tokenFor("agent", env)
}

/**
 * Sends an HTTP request to the server.
 *
 * @throws {Error} with the server's message if the server refuses the request, or with the server's address if it can't
 * be reached.
 */
export async function requestServer(
  url: string | undefined,
  role: "agent" | "viewer",
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const { origin, basePath } = serverOf(url, process.env)
  const token = tokenFor(role, process.env)
  const headers = { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${origin}${basePath}${path}`, { ...init, headers }).catch((error) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new Error(`Couldn't reach ${origin}${basePath}: ${cause}`)
  })
  if (response.ok) return response
  const text = await response.text()
  throw new Error(messageOf(text) ?? `The server responded with status ${response.status}.`)
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { message?: string } }).error?.message
  } catch {
    return body.trim() || undefined
  }
}
