import { describeRunStore } from "@/server/store/testing/describeRunStore"
import { openPostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("PostgreSQL", (databases) => {
  describeRunStore("PostgresRunStore", async () => openPostgresRunStore({ url: await databases.create() }))
})
