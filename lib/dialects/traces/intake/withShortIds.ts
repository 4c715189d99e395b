import { digest } from "@/lib/dialects/digest"
import type { TraceBatch } from "@/lib/dialects/traces/TraceBatch"

/** The maximum length of an id. The ids of actual senders are shorter. */
const MAX_ID = 256

/** Returns an id, or its digest if it is too long to store. */
export function shortId(id: string): string {
  return id.length <= MAX_ID ? id : `long:${digest(id)}`
}

/** Shortens long ids in a batch, because they are stored in indices whose entries are counted, not measured. */
export function withShortIds(batch: TraceBatch): TraceBatch {
  for (const { step, sender } of batch.steps) {
    step.trace = shortId(step.trace)
    step.id = shortId(step.id)
    if (step.parent !== undefined) step.parent = shortId(step.parent)
    if (step.conversation !== undefined) step.conversation = shortId(step.conversation)
    sender.instance = shortId(sender.instance)
  }
  for (const part of [...(batch.parts ?? []), ...(batch.prompts ?? []), ...(batch.exceptions ?? [])])
    part.trace = shortId(part.trace)
  return batch
}
