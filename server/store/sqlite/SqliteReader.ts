import type { TurnSearchQuery } from "@/server/search/TurnScan"
import { createAccessOps } from "./access/createAccessOps"
import { createIngestOps } from "./ingest/createIngestOps"
import { openForReading, type SqliteDatabase } from "./SqliteDatabase"
import { SqliteReads } from "./SqliteReads"
import { searchSqliteTurns } from "./textIndex/searchSqliteTurns"
import { type Call, type Reply, runCalls, type Service } from "./workerProtocol"

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
    searchTurns: (search: TurnSearchQuery) => searchSqliteTurns(db, search),
    listTokens: access.listTokens,
    findSession: access.findSession,
    listRequests: createIngestOps(db).listRequests,
  }
}
/** The operations of the reader thread. */
export type ReadOps = ReturnType<typeof createReadOps>

/** Executes reads, each in its own short transaction. Never blocks the writer. */
export class SqliteReader implements Service {
  readonly #db: SqliteDatabase
  readonly #ops: ReadOps

  constructor(file: string) {
    this.#db = openForReading(file)
    this.#ops = createReadOps(this.#db)
  }

  round(calls: readonly Call[]): Reply[] {
    return runCalls(this.#ops, calls)
  }

  idle(): boolean {
    return false
  }

  close(): void {
    this.#db.close()
  }
}
