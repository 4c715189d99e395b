import type { RunStore } from "@/server/store/RunStore"

/** Returns the current test's store. */
export type StoreOfTest = () => RunStore
