/** Browsers apply their own proxy settings. */
export function proxyAgent(_origin: string): object | undefined {
  return undefined
}

/** Browsers can't run anything after the page is closed. */
export function runScriptSync(_script: string, _input: string, _timeoutMs: number): void {}

/** Returns cryptographically secure random bytes, even on pages served over plain HTTP. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
