import type { ErrorCode } from "@/lib/protocol/codes"
import type { Audit, AuditEntry } from "./Audit"

const READS: ReadonlySet<unknown> = new Set([
  "runs.subscribe",
  "runs.get_trace",
  "runs.get_turn",
  "runs.get_outline",
  "runs.search_turns",
])
const REFUSALS: ReadonlySet<ErrorCode> = new Set(["forbidden", "not_found"])
const LIMITS: ReadonlySet<ErrorCode> = new Set(["rate_limited", "too_large"])
/**
 * The maximum number of runs that are remembered as read, per connection. Reading a run that was forgotten is recorded
 * again.
 */
const MAX_RUNS = 1_000

type Who = Pick<AuditEntry, "token" | "name" | "address" | "connection">

/** Records what one connection does: each run that it reads (only once per run), and each refused command. */
export class ConnectionAudit {
  readonly #audit: Audit
  readonly #who: Who
  readonly #read = new Set<string>()

  constructor(audit: Audit, who: Who) {
    this.#audit = audit
    this.#who = who
  }

  /** Records that the connection was admitted. */
  connected(): void {
    this.#audit.record({ event: "connected", ...this.#who })
  }

  /** Records that the server closed the connection. */
  ended(event: "limit" | "dismissed", why: string): void {
    this.#audit.record({ event, ...this.#who, why })
  }

  /** Records that a command was executed. */
  command(how: string, run_id: string | undefined, code: ErrorCode | "ok"): void {
    if (code !== "ok") this.#refused(how, code)
    else if (run_id === undefined) return
    else if (READS.has(how)) this.#reads(how, run_id)
    else if (how === "runs.delete") this.#audit.record({ event: "run_deleted", ...this.#who, run_id })
    else if (how === "runs.cancel") this.#audit.record({ event: "cancel_requested", ...this.#who, run_id })
  }

  #refused(how: string, why: ErrorCode): void {
    if (REFUSALS.has(why)) this.#audit.record({ event: "refused", ...this.#who, how, why })
    else if (LIMITS.has(why)) this.#audit.record({ event: "limit", ...this.#who, how, why })
  }

  #reads(how: string, run_id: string): void {
    if (this.#read.has(run_id)) return
    if (this.#read.size >= MAX_RUNS) this.#read.clear()
    this.#read.add(run_id)
    this.#audit.record({ event: "run_read", ...this.#who, run_id, how })
  }
}
