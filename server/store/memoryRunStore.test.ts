import { describeRunStore } from "./describeRunStore"
import { MemoryRunStore } from "./MemoryRunStore"

describeRunStore("MemoryRunStore", async () => new MemoryRunStore())
