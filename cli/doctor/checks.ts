import { accessSync, constants, existsSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import { readConfig, readDataDir } from "@/server/platform/Config"
import { unknownSettings } from "@/server/platform/unknownSettings"
import type { Check, Env } from "./Check"
import { checkServer } from "./checkServer"

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
    if (!statSync(parent).isDirectory())
      return { level: "problem", name, message: `${dir} can't be created: ${parent} is not a directory.` }
    return canWrite(parent)
      ? { level: "ok", name, message: `${dir} doesn't exist yet; the server creates it` }
      : { level: "problem", name, message: `${dir} can't be created: ${parent} isn't writable.` }
  }
  const stat = statSync(dir)
  if (!stat.isDirectory()) return { level: "problem", name, message: `${dir} is not a directory.` }
  const { uid, mode } = stat
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
