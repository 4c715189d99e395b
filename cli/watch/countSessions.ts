import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { createSources, type LiveSource } from "./createSources"
import type { SessionAccess } from "./processes/Liveness"
import type { ToolDirectories } from "./toolDirectories"

const NO_SESSIONS: SessionAccess = { get: () => undefined, all: () => [], revive: () => {} }

export type SessionCounts = { running: number; recent: number }

/**
 * Counts the sessions of coding agents on this machine: those that are running, and those that aren't running but have
 * changed since the given time.
 */
export async function countSessions(directories: ToolDirectories, since: number): Promise<SessionCounts> {
  const counts = { running: 0, recent: 0 }
  for (const source of createSources(directories, NO_SESSIONS, () => false)) {
    await source.liveness.start()
    for (const root of source.source.roots) await countIn(root, source, since, counts)
  }
  return counts
}

async function countIn(
  directory: string,
  { source, liveness }: LiveSource,
  since: number,
  counts: SessionCounts,
): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) {
      if (source.enter(path)) await countIn(path, { source, liveness }, since, counts)
      continue
    }
    const identity = source.identify(path)
    if (identity === undefined || identity.agent !== undefined) continue
    if (liveness.isRunning(identity)) counts.running++
    else if (((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) >= since) counts.recent++
  }
}

/** Returns one line about the sessions of the last day; undefined if there are none. */
export function sessionsLine({ running, recent }: SessionCounts, program: string): string | undefined {
  if (running + recent === 0) return undefined
  const found = [running > 0 ? `${running} running` : "", recent > 0 ? `${recent} recent` : ""]
    .filter(Boolean)
    .join(" and ")
  const noun = running + recent === 1 ? "session" : "sessions"
  return `Found ${found} agent ${noun} on this machine. To show ${running + recent === 1 ? "it" : "them"}: ${program} watch`
}
