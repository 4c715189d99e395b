import { mkdirSync, statSync } from "node:fs"
import { DataDirForeignError } from "./errors"

/** Makes a data directory that is its owner's alone, unless it is there; throws `DataDirForeignError` for one of another user's. */
export function makeOwnDataDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (isForeign(statSync(dir).uid, process.getuid?.())) throw new DataDirForeignError(dir)
}

/** Whether user `self` must not keep files in a directory of user `owner`. Root may use any; Windows has no user ids (undefined). */
export function isForeign(owner: number, self: number | undefined): boolean {
  return self !== undefined && self !== 0 && owner !== self
}
