import { spawn, spawnSync } from "node:child_process"
import { randomBytes as nodeRandomBytes } from "node:crypto"
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { HttpsProxyAgent } from "https-proxy-agent"
import { getProxyForUrl } from "proxy-from-env"
import { EXIT_DELIVERY_SCRIPT } from "./exitDeliveryScript"

// Everything that only works in Node. Browser builds replace this module with `browserPlatform.ts`.

/** What another process needs to connect like an `http.Agent`: the URL of its proxy, and its TLS options. */
export type Route = { proxy?: string; tls?: { [option: string]: unknown } }

const TLS_OPTIONS = ["ca", "cert", "key", "passphrase", "rejectUnauthorized", "servername"] as const

/**
 * Returns an HTTP agent for the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` select, or undefined
 * for a direct connection.
 */
export function proxyAgent(origin: string): object | undefined {
  const proxy = getProxyForUrl(origin)
  return proxy === "" ? undefined : new HttpsProxyAgent(proxy)
}

/** Returns how an `http.Agent` connects, as far as JSON can represent it. */
export function routeOf(agent: object | undefined): Route {
  const given = (agent ?? {}) as { proxy?: unknown; options?: { [option: string]: unknown } }
  const tls = TLS_OPTIONS.flatMap((name) => {
    const value = given.options?.[name]
    return value === undefined ? [] : [[name, asText(value)] as const]
  })
  return {
    ...(given.proxy instanceof URL && { proxy: given.proxy.href }),
    ...(tls.length > 0 && { tls: Object.fromEntries(tls) }),
  }
}

/** Converts certificates and keys to text. They are in PEM format, but often passed as buffers. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText)
  return Buffer.isBuffer(value) ? value.toString("utf8") : value
}

/** Options of the process that delivers. `NODE_OPTIONS` might load modules that it doesn't need. */
const DELIVERER = {
  args: ["--input-type=commonjs", "--eval", EXIT_DELIVERY_SCRIPT],
  options: { env: { ...process.env, NODE_OPTIONS: "" }, windowsHide: true },
}

/**
 * Delivers an `ExitDelivery` from another Node process, and waits at most `timeoutMs` for it. If it needs longer, it
 * continues after this process has ended, for at most 30 s.
 */
export function deliverSync(exitDelivery: object, timeoutMs: number): void {
  const input = JSON.stringify(exitDelivery)
  try {
    deliverDetached(input, timeoutMs)
  } catch {
    // For example, there may be no writable directory for temporary files.
    const { args, options } = DELIVERER
    const stdio: ["pipe", "ignore", "ignore"] = ["pipe", "ignore", "ignore"]
    spawnSync(process.execPath, args, { ...options, input, timeout: timeoutMs, stdio })
  }
}

/** The deliverer removes its directory when it is done. */
function deliverDetached(input: string, timeoutMs: number): void {
  const giveUpAt = performance.now() + timeoutMs
  const directory = mkdtempSync(join(tmpdir(), "turnline-exit-"))
  try {
    const stdin = unnamedFile(directory, input)
    const { args, options } = DELIVERER
    const stdio: [number, "ignore", "ignore"] = [stdin, "ignore", "ignore"]
    const child = spawn(process.execPath, [...args, directory], { ...options, stdio, detached: true })
    child.on("error", () => {})
    child.unref()
    closeSync(stdin)
    if (child.pid === undefined) throw new Error("the process couldn't be started")
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  while (existsSync(directory) && performance.now() < giveUpAt) Atomics.wait(sleeper, 0, 0, 5)
}

/** Opens a file for reading that has no name, because it contains the agent's token. */
function unnamedFile(directory: string, content: string): number {
  const path = join(directory, "delivery")
  const writer = openSync(path, "wx", 0o600)
  const reader = openSync(path, "r")
  unlinkSync(path)
  writeFileSync(writer, content)
  closeSync(writer)
  return reader
}

/** Returns cryptographically secure random bytes. Node 18 has no global `crypto`. */
export function randomBytes(count: number): Uint8Array {
  return nodeRandomBytes(count)
}
