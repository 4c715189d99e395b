/** Returns undefined, because browsers apply their own proxy settings. */
export function proxyAgent(_origin: string): object | undefined {
  return undefined
}

export function routeOf(_agent: object | undefined): object {
  return {}
}

/** Does nothing, because browsers can't run anything after a page is closed. */
export function deliverSync(_exitDelivery: object, _timeoutMs: number): void {}

/** Returns cryptographically secure random bytes, even on pages served over plain HTTP. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
