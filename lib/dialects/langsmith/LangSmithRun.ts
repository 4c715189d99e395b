import type { Json } from "@/lib/protocol/fields"

/**
 * A run as LangSmith's clients send it, in one or more parts: a post when it starts, a patch when it ends. Fields are
 * as received; only `id` is always present.
 */
export type LangSmithRun = {
  id: string
  operation: "post" | "patch"
  [field: string]: Json | undefined
}
