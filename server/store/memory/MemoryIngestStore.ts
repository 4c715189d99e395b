import type { IngestStore, NewRequests, StoredRequest } from "@/server/store/IngestStore"

/** Foreign requests in memory. */
export class MemoryIngestStore implements IngestStore {
  readonly #requests = new Map<number, StoredRequest>()
  #lastId = 0

  async addRequests({ records, ...request }: NewRequests): Promise<number[]> {
    return records.map((text) => {
      const id = ++this.#lastId
      this.#requests.set(id, { ...request, records: text, id })
      return id
    })
  }

  async listRequests({ after, limit }: { after: number; limit: number }): Promise<StoredRequest[]> {
    return [...this.#requests.values()].filter(({ id }) => id > after).slice(0, limit)
  }

  async deleteRequests(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.#requests.delete(id)
  }
}
