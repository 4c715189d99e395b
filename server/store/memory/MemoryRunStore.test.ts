import { describeRunStore } from "@/server/store/testing/describeRunStore"
import { MemoryRunStore } from "./MemoryRunStore"

describeRunStore("MemoryRunStore", async () => new MemoryRunStore())
