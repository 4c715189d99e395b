import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startPostgres } from "@/scripts/postgres.mjs"

const MEMORY = "/dev/shm"
/** Settings for speed. Nothing is flushed, because this server never crashes. */
const SETTINGS = {
  ...{ fsync: "off", full_page_writes: "off", synchronous_commit: "off" },
  ...{ wal_level: "minimal", max_wal_senders: 0, checkpoint_timeout: "1h", max_wal_size: "1GB" },
  ...{ jit: "off", autovacuum: "off", track_counts: "off", track_activities: "off" },
  ...{ compute_query_id: "off", update_process_title: "off", log_min_messages: "panic" },
  // Deadlocks are found in real time, while virtual time stands still.
  deadlock_timeout: "2ms",
}

/** Starts a PostgreSQL server in memory, if possible. Returns its folder, and its URL through a Unix socket. */
export async function startFuzzPostgres(): Promise<{ folder: string; url: string }> {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "turnline-fuzz-"))
  const url = new URL(await startPostgres(folder, { ...SETTINGS, unix_socket_directories: folder }))
  url.searchParams.set("host", folder)
  return { folder, url: url.href }
}
