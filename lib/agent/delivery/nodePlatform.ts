import { spawnSync } from "node:child_process"
import { randomBytes as nodeRandomBytes } from "node:crypto"
import { HttpsProxyAgent } from "https-proxy-agent"
import { getProxyForUrl } from "proxy-from-env"

// Everything that only works in Node. Browser builds replace this module with `browserPlatform.ts`.

/**
 * Returns an HTTP agent for the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` select, or undefined
 * for a direct connection.
 */
export function proxyAgent(origin: string): object | undefined {
  const proxy = getProxyForUrl(origin)
  return proxy === "" ? undefined : new HttpsProxyAgent(proxy)
}

/** Runs a CommonJS script in another Node process and waits for it, for at most `timeoutMs`. */
export function runScriptSync(script: string, input: string, timeoutMs: number): void {
  spawnSync(process.execPath, ["--input-type=commonjs", "--eval", script], {
    input,
    timeout: timeoutMs,
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, NODE_OPTIONS: "" },
  })
}

/** Returns cryptographically secure random bytes. Node 18 has no global `crypto`. */
export function randomBytes(count: number): Uint8Array {
  return nodeRandomBytes(count)
}
