import type { IngestStore, NewRequests } from "@/server/store/IngestStore"
import type { SqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"

/** Foreign requests in a run store's database, accessed through the run store's threads. */
export class SqliteIngestStore implements IngestStore {
  constructor(readonly store: Pick<SqliteRunStore, "writer" | "reader">) {}

  addRequests = (request: NewRequests) => this.store.writer.call("addRequests", request)
  listRequests = (page: Parameters<IngestStore["listRequests"]>[0]) =>
    this.store.reader.call("listRequests", page)
  deleteRequests = (ids: readonly number[]) => this.store.writer.call("deleteRequests", ids)
}
