import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { dirname } from "node:path"
import { asObject } from "@/lib/dialects/json"

/** The settings of another program: a JSON object of unknown shape. */
export type Settings = { readonly [name: string]: unknown }

/** A JSON settings file of another program. It is backed up before it is changed, and replaced atomically. */
export class SettingsFile {
  constructor(readonly path: string) {}

  /**
   * Returns the settings, or an empty object if the file doesn't exist.
   *
   * @throws {Error} if the file isn't a JSON object. Such a file is therefore never overwritten.
   */
  read(): Settings {
    if (!existsSync(this.path)) return {}
    const text = readFileSync(this.path, "utf8")
    if (text.trim() === "") return {}
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch (error) {
      throw new Error(
        `${this.path} isn't valid JSON (${error instanceof Error ? error.message : error}). Nothing was changed.`,
      )
    }
    const settings = asObject(parsed)
    if (settings === undefined) throw new Error(`${this.path} isn't a JSON object. Nothing was changed.`)
    return settings
  }

  /** Writes new settings. Returns the path of the backup, or undefined if the file didn't exist. */
  write(settings: Settings, now: Date): string | undefined {
    const target = existsSync(this.path) ? realpathSync(this.path) : this.path
    const backup = this.backUp(target, now)
    mkdirSync(dirname(target), { recursive: true })
    const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600
    const unfinished = `${target}.${process.pid}.tmp`
    writeFileSync(unfinished, `${JSON.stringify(settings, null, 2)}\n`, { mode })
    chmodSync(unfinished, mode)
    renameSync(unfinished, target)
    return backup
  }

  private backUp(target: string, now: Date): string | undefined {
    if (!existsSync(target)) return undefined
    const stamp = now.toISOString().replace(/[:.]/g, "-")
    const backup = `${target}.backup-${stamp}`
    writeFileSync(backup, readFileSync(target), { mode: statSync(target).mode & 0o777 })
    return backup
  }
}
