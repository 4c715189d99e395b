import { createAccessOps } from "@/server/access/accessOps"
import { openForReading, type SqliteDatabase } from "./sqliteDatabase"
import { SqliteReads } from "./sqliteReads"
import { type Call, type Reply, type Service, troubleOf } from "./sqliteService"

function createReadOps(db: SqliteDatabase) {
  const reads = new SqliteReads(db)
  const access = createAccessOps(db)
  return {
    get: reads.get.bind(reads),
    getMany: reads.getMany.bind(reads),
    inProgress: reads.inProgress.bind(reads),
    list: reads.list.bind(reads),
    count: reads.count.bind(reads),
    turns: reads.turns.bind(reads),
    outlines: reads.outlines.bind(reads),
    listTokens: access.listTokens,
    findSession: access.findSession,
  }
}
/** What the reader's thread can be asked for. */
export type ReadOps = ReturnType<typeof createReadOps>

/** Answers reads, each with a short transaction of its own, beside the writer and never in its way. */
export class SqliteReader implements Service {
  readonly #db: SqliteDatabase
  readonly #ops: ReadOps

  constructor(file: string) {
    this.#db = openForReading(file)
    this.#ops = createReadOps(this.#db)
  }

  round(calls: readonly Call[]): Reply[] {
    return calls.map((call) => this.#answer(call))
  }

  idle(): boolean {
    return false
  }

  close(): void {
    this.#db.close()
  }

  #answer({ id, op, arg }: Call): Reply {
    try {
      if (!Object.hasOwn(this.#ops, op)) throw new TypeError(`The reader knows no ${op}`)
      // The thread that calls is typed by `ReadOps`; between threads only the name is left.
      return { id, value: (this.#ops[op as keyof ReadOps] as (arg: unknown) => unknown)(arg) }
    } catch (error) {
      return { id, trouble: troubleOf(error) }
    }
  }
}
