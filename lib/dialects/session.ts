import type { ForeignTime, RunKey } from "./operations"

/** The session of a command-line agent whose records a reducer processes. */
export type SessionIdentity = {
  /** `<tool>:<session>`, or `<tool>:<session>/<agent>` for a sub-agent. */
  key: RunKey
  /** The tool's own id for the session. A sub-agent has its parent's. */
  session: string
  /** The run that spawned this one. */
  parent?: RunKey
  /** The sub-agent's id within the session. */
  agent?: string
}

/**
 * What a session's process is doing: working (`busy`), waiting for the user's approval or answer (`waiting`), waiting
 * for work (`idle`), or about to exit.
 */
export type ProcessStatus = "busy" | "idle" | "waiting" | "exiting"

/** What is known about a session: its records, and the state of its process. */
export type SessionInput =
  | { kind: "record"; record: unknown }
  | {
      kind: "process"
      status: ProcessStatus
      /** What the tool is waiting for, in its own words. */
      waitingFor?: string
    }
  /** A title that the tool or the user gave the session outside its records. */
  | { kind: "title"; title: string }
  /** The process has ended: it exited, or it died while working. */
  | { kind: "ended"; died: boolean; at?: ForeignTime }

/** What session reducers need from outside to stay pure. */
export type SessionOptions = {
  /** Returns the hexadecimal SHA-256 of a string. */
  digest(text: string): string
  /** The user's home directory, shown as `~` in labels. */
  home?: string | undefined
}

/** Returns the agent id for a tool in a working directory: `<tool>/<name of the directory>`. */
export function agentIdOf(tool: string, cwd: string | undefined, options: SessionOptions): string {
  return `${tool}/${slugOf(folderName(cwd), options)}`
}

/** Returns the last part of a Unix or Windows path. */
export function folderName(path: string | undefined): string {
  const parts = (path ?? "").split(/[\\/]+/).filter(Boolean)
  return parts.at(-1) ?? ""
}

/**
 * Converts a name to lower case and replaces each run of characters other than `a-z0-9` with `-`. If that drops a letter
 * or digit of another script, eight digits of the name's hash are appended to keep names distinct.
 */
function slugOf(name: string, { digest }: SessionOptions): string {
  const lower = name.toLowerCase()
  const slug = lower.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")
  const dropped = /[^\P{L}a-z]|[^\P{N}0-9]/u.test(lower)
  if (dropped) return [slug, digest(name).slice(0, 8)].filter(Boolean).join("-").slice(0, 100)
  return slug.slice(0, 100) || "unknown"
}

/** Replaces the home directory in a path with `~`. */
export function homePath(path: string | undefined, { home }: SessionOptions): string | undefined {
  if (path === undefined || home === undefined || home === "") return path
  if (path === home) return "~"
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** Shortens a string to fit a label: one line, at most 200 characters. */
export function labelText(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, " ").trim()
  return line === undefined || line === "" ? undefined : line.slice(0, 200)
}
