import { afterEach, beforeEach, describe } from "vitest"
import type { RunStore } from "@/server/store/RunStore"
import { describeAppends } from "./describeAppends"
import { describeCounts } from "./describeCounts"
import { describeEnds } from "./describeEnds"
import { describeImports } from "./describeImports"
import { describeLists } from "./describeLists"
import { describeOwners } from "./describeOwners"
import { describePages } from "./describePages"
import { describeReopenings } from "./describeReopenings"
import { describeSearch } from "./describeSearch"
import { describeSorts } from "./describeSorts"
import { describeStarts } from "./describeStarts"
import { describeTurnSearch } from "./describeTurnSearch"
import { describeUpdates } from "./describeUpdates"
import type { StoreOfTest } from "./StoreOfTest"

/** The contract of every store. `open` returns an empty store; the suite closes it. */
export function describeRunStore(name: string, open: () => Promise<RunStore>): void {
  describe(`T11: ${name}`, () => {
    let store: RunStore | undefined
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store?.close())
    const storeOfTest: StoreOfTest = () => {
      if (store === undefined) throw new Error("The store is not open")
      return store
    }
    describeStarts(storeOfTest)
    describeOwners(storeOfTest)
    describeUpdates(storeOfTest)
    describeAppends(storeOfTest)
    describeEnds(storeOfTest)
    describeReopenings(storeOfTest)
    describeImports(storeOfTest)
    describePages(storeOfTest)
    describeLists(storeOfTest)
    describeSorts(storeOfTest)
    describeCounts(storeOfTest)
    describeSearch(storeOfTest)
    describeTurnSearch(storeOfTest)
  })
}
