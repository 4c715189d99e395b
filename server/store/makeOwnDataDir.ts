import { mkdirSync, statSync } from "node:fs"
import { DataDirForeignError } from "./errors"

/**
 * Creates a data directory that only this user can access, unless it exists. Throws `DataDirForeignError` if it belongs
 * to another user.
 */
export function makeOwnDataDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (isForeign(statSync(dir).uid, process.getuid?.())) throw new DataDirForeignError(dir)
}

/** Returns true if user `self` must not use a directory of user `owner`. Root may use any. Windows has no user ids. */
export function isForeign(owner: number, self: number | undefined): boolean {
  return self !== undefined && self !== 0 && owner !== self
}
