import type { ForeignTime, RunKey } from "./operations"

/** The session of a command-line agent whose records a reducer takes in. */
export type SessionIdentity = {
  /** `<tool>:<session>`, or `<tool>:<session>/<agent>` for a sub-agent. */
  key: RunKey
  /** The tool's own id of the session; a sub-agent has its parent's. */
  session: string
  /** The run that spawned this one. */
  parent?: RunKey
  /** The sub-agent's id within the session. */
  agent?: string
}

/**
 * What the process of a session does: it works (`busy`), waits for the person in front of it (`waiting`), has nothing to do
 * (`idle`), or is about to exit.
 */
export type ProcessStatus = "busy" | "idle" | "waiting" | "exiting"

/** What is known of a session: its records, and what the system tells about its process. */
export type SessionInput =
  | { kind: "record"; record: unknown }
  | {
      kind: "process"
      status: ProcessStatus
      /** The tool's own words for what it waits for. */
      waitingFor?: string
    }
  /** A name that the tool or the person gave the session, from beside its records. */
  | { kind: "title"; title: string }
  /** Nothing more follows from this process: it exited, or it died in the middle of its work. */
  | { kind: "ended"; died: boolean; at?: ForeignTime }

/** What session reducers need of their surroundings to stay pure. */
export type SessionOptions = {
  /** Hexadecimal SHA-256 of a text. */
  digest(text: string): string
  /** The person's home folder, shown as `~` in labels. */
  home?: string | undefined
}

/** The agent id for a tool in a working directory: `<tool>/<name of the directory>`. */
export function agentIdOf(tool: string, cwd: string | undefined, options: SessionOptions): string {
  return `${tool}/${slugOf(folderName(cwd), options)}`
}

/** The last part of a path of either platform. */
export function folderName(path: string | undefined): string {
  const parts = (path ?? "").split(/[\\/]+/).filter(Boolean)
  return parts.at(-1) ?? ""
}

/**
 * Lower case, runs of other characters than `a-z0-9` to `-`. Where that drops a letter or digit of another script, eight digits of
 * the name's hash are appended, so that two names never meet.
 */
function slugOf(name: string, { digest }: SessionOptions): string {
  const lower = name.toLowerCase()
  const slug = lower.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")
  const dropped = /[^\P{L}a-z]|[^\P{N}0-9]/u.test(lower)
  if (dropped) return [slug, digest(name).slice(0, 8)].filter(Boolean).join("-").slice(0, 100)
  return slug.slice(0, 100) || "unknown"
}

/** A path with the home folder as `~`. */
export function homePath(path: string | undefined, { home }: SessionOptions): string | undefined {
  if (path === undefined || home === undefined || home === "") return path
  if (path === home) return "~"
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** A text as a label holds it: one line, at most 200 characters. */
export function labelText(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, " ").trim()
  return line === undefined || line === "" ? undefined : line.slice(0, 200)
}
