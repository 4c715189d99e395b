import { existsSync, type FSWatcher, readdirSync, type Stats, statSync, watch } from "node:fs"
import { readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { setImmediate } from "node:timers/promises"

/** How often directories that don't exist yet or can't be watched are listed. */
const POLL_MS = 2_000
/** How often all directories are listed again, in case a notification was lost. */
const RESCAN_MS = 60_000
const RESCAN_BATCH = 100

export type TreeEvents = {
  /**
   * Called when a regular file was found or has changed. Other files are ignored, because opening a pipe, for example,
   * may block forever.
   */
  onFile(path: string, stats: Stats): void
  onGone(path: string): void
  /** Returns true if a subdirectory should be watched, too. */
  enter(path: string): boolean
}

/** Watches the files in directories, and in those of their subdirectories that `enter` accepts. */
export class TreeWatcher {
  private readonly watchers = new Map<string, FSWatcher>()
  private readonly polled = new Set<string>()
  /** The nearest existing ancestors of directories that don't exist yet. */
  private readonly ancestors = new Map<string, FSWatcher>()
  private readonly pollTimer: NodeJS.Timeout
  private readonly rescanTimer: NodeJS.Timeout
  private closed = false
  private rescanning = false

  constructor(private readonly events: TreeEvents) {
    this.pollTimer = setInterval(() => this.poll(), POLL_MS)
    this.rescanTimer = setInterval(() => void this.rescan(), RESCAN_MS)
  }

  /** Watches a directory, which may not exist yet, and reports the files in it. */
  add(directory: string): void {
    if (this.closed || this.watchers.has(directory)) return
    // The directory is watched before it is listed, so that files that appear in between aren't missed.
    if (this.startWatching(directory)) this.polled.delete(directory)
    else this.awaitDirectory(directory)
    this.list(directory)
  }

  close(): void {
    this.closed = true
    clearInterval(this.pollTimer)
    clearInterval(this.rescanTimer)
    for (const watcher of [...this.watchers.values(), ...this.ancestors.values()]) watcher.close()
    this.watchers.clear()
    this.ancestors.clear()
  }

  private startWatching(directory: string): boolean {
    try {
      const watcher = watch(directory, (_event, name) => {
        if (name === null) this.list(directory)
        else this.examine(join(directory, name))
      })
      watcher.on("error", () => this.drop(directory))
      this.watchers.set(directory, watcher)
      return true
    } catch {
      return false
    }
  }

  /** Looks for a directory again whenever its nearest existing ancestor changes, and periodically. */
  private awaitDirectory(directory: string): void {
    this.polled.add(directory)
    let ancestor = dirname(directory)
    while (!existsSync(ancestor) && ancestor !== dirname(ancestor)) ancestor = dirname(ancestor)
    if (this.ancestors.has(ancestor)) return
    try {
      const watcher = watch(ancestor, () => this.poll())
      watcher.on("error", () => this.ancestors.delete(ancestor))
      this.ancestors.set(ancestor, watcher)
    } catch {
      // The directory is still found by polling.
    }
  }

  private drop(directory: string): void {
    this.watchers.get(directory)?.close()
    this.watchers.delete(directory)
    // If the parent directory is watched, its watcher reports when this directory exists again.
    if (!this.closed && !this.watchers.has(dirname(directory))) this.polled.add(directory)
  }

  private list(directory: string): void {
    let names: string[]
    try {
      names = readdirSync(directory)
    } catch {
      return
    }
    for (const name of names) this.examine(join(directory, name))
  }

  private examine(path: string): void {
    if (this.closed) return
    const stats = statOf(path)
    if (stats === undefined) {
      if (this.watchers.has(path)) this.drop(path)
      this.events.onGone(path)
    } else if (stats.isDirectory()) {
      if (!this.watchers.has(path) && this.events.enter(path)) this.add(path)
    } else if (stats.isFile()) this.events.onFile(path, stats)
  }

  private poll(): void {
    for (const directory of this.polled) this.add(directory)
    if (this.polled.size > 0 || this.ancestors.size === 0) return
    for (const watcher of this.ancestors.values()) watcher.close()
    this.ancestors.clear()
  }

  private async rescan(): Promise<void> {
    if (this.rescanning) return
    this.rescanning = true
    for (const directory of [...this.watchers.keys()]) await this.listSlowly(directory)
    this.rescanning = false
  }

  /** Lists a directory in small steps, so that other work isn't delayed. */
  private async listSlowly(directory: string): Promise<void> {
    const names = await readdir(directory).catch(() => [])
    for (const [index, name] of names.entries()) {
      if (index % RESCAN_BATCH === 0) await setImmediate()
      this.examine(join(directory, name))
    }
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
