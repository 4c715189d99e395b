import { tokenFor } from "@/cli/serverAccess"
import { version } from "@/cli/version"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import type { Check, Env } from "./Check"
import { checkTransports } from "./checkTransports"

const TIMEOUT_MS = 3_000

/** Checks that the server responds, is ready, accepts the token, and can be connected to. */
export async function checkServer(address: ServerAddress, env: Env): Promise<Check[]> {
  const url = address.origin + address.basePath
  const health = await request(`${url}/healthz`)
  if (typeof health === "string")
    return [{ level: "warning", name: "server", message: `${url} doesn't respond: ${health}` }]
  const target = health.headers.get("location")
  if (health.status >= 300 && health.status < 400 && target !== null)
    return [{ level: "problem", name: "server", message: `${url} redirects to ${target}. Use that address?` }]
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
    await checkTransports(address),
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
    return await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return `nothing was received within ${TIMEOUT_MS / 1000} s, although the port is open. Is it used by another program?`
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}
