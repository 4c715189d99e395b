import { afterEach } from "vitest"
import { describeAccessStore } from "@/server/store/testing/describeAccessStore"
import { PostgresAccessStore } from "./PostgresAccessStore"
import { openPostgresRunStore, type PostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("PostgreSQL", (databases) => {
  const opened: PostgresRunStore[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  describeAccessStore("PostgresAccessStore", async () => {
    const store = await openPostgresRunStore({ url: await databases.create() })
    opened.push(store)
    return new PostgresAccessStore(store.pool)
  })
})
