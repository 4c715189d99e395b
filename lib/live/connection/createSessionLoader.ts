import type { Session } from "./ConnectionState"

/** How long to wait before reading the session again after a failure. */
const RETRY_MS = 5_000

export type SessionLoader = {
  /** Reads the session, and again later if it is unknown. */
  load(): Promise<void>
  cancel(): void
  /** True if the server's build isn't the page's. */
  isStale(): boolean
}

type SessionLoaderOptions = {
  /** Reads what the signed-in token allows. Resolves with undefined if unknown. */
  readSession: () => Promise<Session | undefined>
  /** The page's build; by default the first one that the server reports. */
  build: string | undefined
  isConnected: () => boolean
  onSession: (session: Session, wasStale: boolean) => void
}

/** Loads the session, and compares the page's build with the server's. */
export function createSessionLoader(options: SessionLoaderOptions): SessionLoader {
  const { readSession, isConnected, onSession } = options
  let pageBuild = options.build
  let isStale = false
  let retry: ReturnType<typeof setTimeout> | undefined

  async function load() {
    clearTimeout(retry)
    const session = await readSession()
    if (session === undefined) {
      retry = setTimeout(() => isConnected() && void load(), RETRY_MS)
      return
    }
    pageBuild ??= session.build
    const wasStale = isStale
    isStale = session.build !== undefined && session.build !== pageBuild
    onSession(session, wasStale)
  }

  return { load, cancel: () => clearTimeout(retry), isStale: () => isStale }
}
