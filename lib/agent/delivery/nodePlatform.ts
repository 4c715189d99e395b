import { spawnSync } from "node:child_process"
import { randomBytes as nodeRandomBytes } from "node:crypto"
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

/** Delivers an `ExitDelivery` from another Node process, and waits at most `timeoutMs` for it. */
export function deliverSync(exitDelivery: object, timeoutMs: number): void {
  spawnSync(process.execPath, ["--input-type=commonjs", "--eval", EXIT_DELIVERY_SCRIPT], {
    input: JSON.stringify(exitDelivery),
    timeout: timeoutMs,
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, NODE_OPTIONS: "" },
  })
}

/** Returns cryptographically secure random bytes. Node 18 has no global `crypto`. */
export function randomBytes(count: number): Uint8Array {
  return nodeRandomBytes(count)
}
