import { accessSync, constants, existsSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { tokenFor } from "@/cli/serverAccess"
import { version } from "@/cli/version"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import { readConfig, readDataDir } from "@/server/platform/Config"
import { unknownSettings } from "@/server/platform/unknownSettings"

export type Check = { level: "ok" | "warning" | "problem"; name: string; message: string }
type Env = Readonly<Record<string, string | undefined>>

const TIMEOUT_MS = 3_000
const MIN_NODE: readonly [number, number] = [20, 19]

/** Runs all checks. None of them changes anything. */
export async function runChecks(address: ServerAddress, env: Env): Promise<Check[]> {
  return [
    checkNode(process.versions.node),
    checkSettings(env),
    ...checkSpelling(env),
    checkDataDir(readDataDir(env)),
    ...checkProxy(address, env),
    ...(await checkServer(address, env)),
  ]
}

export function checkNode(node: string): Check {
  const [major = 0, minor = 0] = node.split(".").map(Number)
  const isOk = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
  return isOk
    ? { level: "ok", name: "Node", message: node }
    : {
        level: "problem",
        name: "Node",
        message: `${node} is too old; the server needs ${MIN_NODE.join(".")}.`,
      }
}

export function checkSettings(env: Env): Check {
  const read = readConfig(env)
  return "problem" in read
    ? { level: "problem", name: "settings", message: read.problem }
    : {
        level: "ok",
        name: "settings",
        message: `the server would listen on ${read.config.host}:${read.config.port}`,
      }
}

export function checkSpelling(env: Env): Check[] {
  return unknownSettings(env).map(({ name, suggestion }) => ({
    level: "warning",
    name: "settings",
    message: `${name} doesn't exist${suggestion === undefined ? "." : `; did you mean ${suggestion}?`}`,
  }))
}

export function checkDataDir(dir: string): Check {
  const name = "data directory"
  if (!existsSync(dir)) {
    const parent = existing(dirname(dir))
    return canWrite(parent)
      ? { level: "ok", name, message: `${dir} doesn't exist yet; the server creates it` }
      : { level: "problem", name, message: `${dir} can't be created: ${parent} isn't writable.` }
  }
  const { uid, mode } = statSync(dir)
  const user = process.getuid?.()
  if (user !== undefined && uid !== user)
    return { level: "problem", name, message: `${dir} belongs to another user (uid ${uid}).` }
  if (!canWrite(dir)) return { level: "problem", name, message: `${dir} isn't writable.` }
  if ((mode & 0o077) !== 0)
    return { level: "warning", name, message: `${dir} is accessible to other users; chmod 700 it.` }
  const hasDatabase = existsSync(join(dir, "turnline.db"))
  return { level: "ok", name, message: hasDatabase ? dir : `${dir} has no database yet` }
}

export function checkProxy({ origin }: ServerAddress, env: Env): Check[] {
  const set = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].filter(
    (name) => env[name] || env[name.toLowerCase()],
  )
  if (set.length === 0) return []
  const excluded = env.NO_PROXY || env.no_proxy
  const message = `${set.join(", ")} applies to agents that connect to ${origin}; NO_PROXY is ${excluded || "not set"}`
  const isLocal = /\/\/(localhost|127\.|\[::1\])/.test(origin)
  return [{ level: isLocal && !excluded ? "warning" : "ok", name: "proxy", message }]
}

async function checkServer({ origin, basePath }: ServerAddress, env: Env): Promise<Check[]> {
  const url = origin + basePath
  const health = await request(`${url}/healthz`)
  if (typeof health === "string")
    return [{ level: "warning", name: "server", message: `${url} doesn't respond: ${health}` }]
  if (!health.ok)
    return [
      {
        level: "problem",
        name: "server",
        message: `${url} responds with status ${health.status}. Is it a Turnline server?`,
      },
    ]
  const ready = await request(`${url}/readyz`)
  const readyText = typeof ready === "string" ? ready : (await ready.text()).trim()
  const isReady = typeof ready !== "string" && ready.ok
  return [
    { level: isReady ? "ok" : "problem", name: "server", message: `${url} says: ${readyText}` },
    await checkToken(url, env),
  ]
}

async function checkToken(url: string, env: Env): Promise<Check> {
  const name = "token"
  const token = tokenFor("agent", env)
  if (token === undefined)
    return {
      level: "warning",
      name,
      message: "TURNLINE_TOKEN is not set, and the data directory has no agent.token",
    }
  const session = await request(`${url}/api/session`, { authorization: `Bearer ${token}` })
  if (typeof session === "string") return { level: "problem", name, message: session }
  if (session.status === 401) return { level: "problem", name, message: `${url} doesn't accept it.` }
  const { name: tokenName, version: serverVersion } = (await session.json()) as Record<string, string>
  if (serverVersion !== undefined && serverVersion !== version())
    return {
      level: "warning",
      name: "version",
      message: `the server is ${serverVersion}, this command is ${version()}`,
    }
  return { level: "ok", name, message: `accepted as "${tokenName}"` }
}

async function request(url: string, headers: Record<string, string> = {}): Promise<Response | string> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path))
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
