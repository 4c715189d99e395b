import { describeFilters } from "@/server/store/testing/describeFilters"
import { openPostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("PostgreSQL", (databases) => {
  describeFilters("PostgresRunStore's filters", async () =>
    openPostgresRunStore({ url: await databases.create() }),
  )
})
