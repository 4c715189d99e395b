/** PostgreSQL's limit for a payload is 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_500

/** Changes on another node. Contains only ids and cursors: the listener reads the changed data. */
export type ChangeNotification = {
  /** Runs that have new turns, with their cursors. */
  turns: readonly (readonly [run_id: string, cursor: number])[]
  /** Runs whose row or live data changed. */
  changed: readonly string[]
  deleted: readonly string[]
  /** Sessions that were signed out. */
  sessions: readonly string[]
  /**
   * The sender has just joined, or has had no other nodes for a while. The other nodes publish everything again, and
   * look for changes that the sender didn't announce.
   */
  isNew: boolean
}

/** An entry: turns (with the cursor), a change, a deletion, the end of a session, or a new node. */
export type NotificationEntry = ["t", string, number] | ["c" | "d" | "s", string] | ["n"]

/** Encodes entries as payloads below PostgreSQL's limit, each `[sender, ...entries]`. */
export function encodeNotifications(sender: string, entries: readonly NotificationEntry[]): string[] {
  const payloads: string[] = []
  let parts: string[] = []
  let bytes = 0
  const flush = () => {
    if (parts.length > 0) payloads.push(`[${[JSON.stringify(sender), ...parts].join(",")}]`)
    parts = []
    bytes = 0
  }
  for (const entry of entries) {
    const part = JSON.stringify(entry)
    const size = Buffer.byteLength(part) + 1
    if (bytes + size > MAX_PAYLOAD_BYTES) flush()
    parts.push(part)
    bytes += size
  }
  flush()
  return payloads
}

/** Decodes a payload. A probe has no entries. Returns undefined if the payload isn't a notification. */
export function decodeNotification(
  payload: string,
): { sender: string; isProbe: boolean; notification: ChangeNotification } | undefined {
  let decoded: unknown
  try {
    decoded = JSON.parse(payload)
  } catch {
    return undefined
  }
  if (!Array.isArray(decoded) || typeof decoded[0] !== "string") return undefined
  const [sender, ...rest] = decoded
  const entries = rest.filter((entry): entry is NotificationEntry => Array.isArray(entry))
  const named = (kind: "c" | "d" | "s") =>
    entries.flatMap((entry) => (entry[0] === kind && typeof entry[1] === "string" ? [entry[1]] : []))
  return {
    sender,
    isProbe: entries.length === 0,
    notification: {
      turns: entries.flatMap((entry) => (entry[0] === "t" ? [[entry[1], entry[2]] as const] : [])),
      changed: named("c"),
      deleted: named("d"),
      sessions: named("s"),
      isNew: entries.some(([kind]) => kind === "n"),
    },
  }
}
