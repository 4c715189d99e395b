import { totalCost } from "@/lib/trace/turnTotals"
import type { Clock } from "@/server/platform/Clock"
import type { RunStore } from "@/server/store/RunStore"

/** How many of the last runs are included in the median, and how many of them must have a cost. */
const RUNS = 50
const MIN_RUNS = 3
const MAX_AGENTS = 2_000
/**
 * A cost is read again after the shorter time if a run of the agent has ended on this node, otherwise after the longer
 * time.
 */
const MIN_AGE_MS = 1_000
const MAX_AGE_MS = 300_000

type Known = { usd: number | undefined; readAtMs: number; isOld: boolean }

type Parts = {
  store: Pick<RunStore, "list">
  clock: Clock
  /** Called when the usual cost of an agent's runs has been read. */
  onRead(agentId: string): void
}

/** The usual costs of agents' runs: the median of an agent's last 50 ended runs. Reads one agent at a time. */
export class UsualCosts {
  readonly #parts: Parts
  readonly #known = new Map<string, Known>()
  readonly #wanted = new Set<string>()
  #timer: unknown
  #isReading = false
  #isStopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Returns the known usual cost. Starts reading it again if it is unknown or outdated. */
  get(agentId: string): number | undefined {
    const known = this.#known.get(agentId)
    const now = this.#parts.clock.monotonic()
    if (known === undefined || known.isOld || now - known.readAtMs > MAX_AGE_MS) this.#want(agentId)
    return known?.usd
  }

  /** Called when a run of the agent has ended. */
  onEnd(agentId: string): void {
    const known = this.#known.get(agentId)
    if (known !== undefined) known.isOld = true
  }

  stop(): void {
    this.#isStopped = true
    this.#wanted.clear()
    this.#parts.clock.clearTimeout(this.#timer)
  }

  #want(agentId: string): void {
    this.#wanted.add(agentId)
    this.#readSoon()
  }

  #readSoon(): void {
    const [agentId] = this.#wanted
    if (agentId === undefined || this.#isReading || this.#isStopped) return
    this.#isReading = true
    const { clock } = this.#parts
    const known = this.#known.get(agentId)
    const wait = known === undefined ? 0 : known.readAtMs + MIN_AGE_MS - clock.monotonic()
    const read = () => {
      this.#read(agentId)
        .catch(() => {})
        .finally(() => {
          this.#isReading = false
          this.#readSoon()
        })
    }
    if (wait <= 0) read()
    else this.#timer = clock.setTimeout(read, wait)
  }

  async #read(agentId: string): Promise<void> {
    this.#wanted.delete(agentId)
    const { store, clock, onRead } = this.#parts
    const readAtMs = clock.monotonic()
    // This is set before the read, so that a run that ends during the read marks the cost as outdated.
    const known: Known = { usd: this.#known.get(agentId)?.usd, readAtMs, isOld: false }
    this.#known.delete(agentId)
    this.#known.set(agentId, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_AGENTS && oldest !== undefined) this.#known.delete(oldest)
    const { rows } = await store.list({
      readers: ["*"],
      filter: { agent_id: agentId, status: ["completed", "incomplete"] },
      limit: RUNS,
    })
    known.usd = median(rows.map(({ totals }) => totalCost(totals)).filter((cost) => cost > 0))
    if (!this.#isStopped) onRead(agentId)
  }
}

/** Returns the median; undefined for fewer than three costs. */
function median(costs: readonly number[]): number | undefined {
  if (costs.length < MIN_RUNS) return undefined
  const sorted = [...costs].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? 0)) / 2
}
