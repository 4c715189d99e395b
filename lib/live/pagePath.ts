declare global {
  /**
   * Settings that pages need while the server renders them. Pages are bundled separately from the server, so they share
   * a global variable, which `server/app/preparePages.ts` sets before it loads the pages.
   */
  var turnlineDeployment: { basePath: string; isDefaultDataDir: boolean } | undefined
}

let known: string | undefined

/** Returns the path under which the server is deployed, such as `/turnline`; empty at the root of a host. */
export function basePath(): string {
  if (typeof window === "undefined") return globalThis.turnlineDeployment?.basePath ?? ""
  known ??= document.documentElement.dataset.basePath ?? ""
  return known
}

/**
 * Returns the path under which a browser reaches a page or an endpoint of this server. Use it for every link, request,
 * navigation and history entry. A test finds paths that aren't passed through it.
 */
export function pagePath(path: `/${string}`): string {
  const base = basePath()
  if (base === "") return path
  // Next's router removes a slash from the end of a path, but some proxies forward only paths below the base path, which
  // starts with that slash. The router keeps "/.", and resolves it to the slash.
  return /^\/(\?|$)/.test(path) ? `${base}/.${path.slice(1)}` : base + path
}

/** Returns a page's path without the base path. */
export function withoutBasePath(path: string): string {
  const base = basePath()
  if (base === "" || (path !== base && !path.startsWith(`${base}/`))) return path
  return path.slice(base.length) || "/"
}
