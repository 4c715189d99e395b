import type { NewRun, RunRow, RunStore } from "@/server/store/RunStore"

const PAGE_LIMIT = 200
const MAX_PAGES = 5

export type SessionStart = Pick<NewRun, "source" | "agent_id" | "started_at" | "received_at" | "writer">

/**
 * Returns true if a run's idempotency key is that of its session (`<source name>:<session>`) or of the session's n-th
 * process (`<source name>:<session>.<n>`).
 */
export function namesSession({ source, idempotency_key, parent }: NewRun): boolean {
  if (source?.session === undefined || parent !== undefined) return false
  const session = `${source.name}:${source.session}`
  return (
    idempotency_key?.startsWith(session) === true && /^(\.\d+)?$/.test(idempotency_key.slice(session.length))
  )
}

/**
 * Finds another agent's existing run of the session for which a writer starts a run. Several writers may write the same
 * session of a command-line agent, from several working directories.
 *
 * @returns the oldest run that is in progress or ended after the new start.
 */
export async function findSessionRun(
  store: Pick<RunStore, "list">,
  { source, agent_id, started_at, received_at, writer }: SessionStart,
): Promise<RunRow | undefined> {
  const session = source?.session ?? ""
  const since = received_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(started_at)
  const isSame = (row: RunRow) =>
    row.source?.name === source?.name &&
    row.source?.session === session &&
    row.parent === undefined &&
    row.agent_id !== agent_id &&
    (row.ended_at === undefined || Date.parse(row.ended_at) > since)
  return (await listSession(store, session, writer)).filter(isSame).at(-1)
}

/** Returns the runs of a session, newest first. */
async function listSession(
  store: Pick<RunStore, "list">,
  session: string,
  readers: readonly string[],
): Promise<RunRow[]> {
  const rows: RunRow[] = []
  let before: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const filter = { labels: { session } }
    const { rows: more, next } = await store.list({
      readers,
      filter,
      limit: PAGE_LIMIT,
      ...(before !== undefined && { before }),
    })
    rows.push(...more)
    if (next === undefined) break
    before = next
  }
  return rows
}
