import type { RunStore } from "@/server/store/RunStore"

/** Returns the store of the running test. */
export type StoreOfTest = () => RunStore
